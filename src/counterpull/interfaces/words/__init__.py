"""An answer in numbers and in words: records, and all sentences; whatever shows them lies above."""
