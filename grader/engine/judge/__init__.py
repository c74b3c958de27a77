"""The judge: test cells run in a process of their own, and reach the learner's by plain data."""
