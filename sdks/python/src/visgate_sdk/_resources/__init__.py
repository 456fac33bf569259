"""One module per resource, each with its blocking and its awaiting class."""
