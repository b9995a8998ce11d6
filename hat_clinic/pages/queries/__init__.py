"""Page objects made of several rooms."""
