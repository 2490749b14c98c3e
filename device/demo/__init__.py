"""Demo of the whole gate without a Pi: rendered visitors, the real code path, a hub on loopback.

`visitors` lists who comes and what must happen, `video` renders them, `stage` runs hub and gate on that
video, `pin_recorder` records the pins, `verification` compares what was recorded and delivered, `screen`
prints it, `show` puts it together.
"""
