"""The first page of a report: one sentence, four cards, the forest that is the table, and what it all rests on."""
