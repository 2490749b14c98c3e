"""The whole gate working without a Pi: rendered visitors, the real path, a hub on loopback.

`visitors` says who comes and what must happen, `reel` draws them into a video, `stage` runs hub and
gate on it, `film` watches the pins, `ending` reads back what was recorded and delivered, `screen`
tells it all.
"""
