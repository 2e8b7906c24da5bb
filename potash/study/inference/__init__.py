"""Tests of abnormal returns as pure functions of arrays, and the judgement of their assumptions."""
