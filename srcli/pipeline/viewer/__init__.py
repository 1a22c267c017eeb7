"""The viewer of pictures in a browser: modules and a style that pages share."""
