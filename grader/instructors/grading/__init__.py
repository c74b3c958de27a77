"""Grade what is new or changed: `course grade`."""
