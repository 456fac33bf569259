"""One module per resource, each with a blocking and an awaiting class."""
