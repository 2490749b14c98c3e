"""Site file and policy document: YAML with line numbers (`located`), schemas (`schema`), and loading (`load`)."""
