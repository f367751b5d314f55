"""What a project is: its specification, its interface, its wire shape and its versions."""
