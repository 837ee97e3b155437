"""Journey tests: the production engine on a virtual clock, with an in-memory customer; nothing leaves."""
