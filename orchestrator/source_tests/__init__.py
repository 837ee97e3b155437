"""Tests of mappings: a record goes through the production mapping, and what becomes of it is compared with what was expected."""
