"""The files of a timeline: events, evidence, and the decisions of a person."""
