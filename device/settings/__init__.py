"""The site file: YAML with line marks (`located`), its schema (`schema`), and the door to both (`load`)."""
