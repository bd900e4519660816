-- A row stands here while something of an erased account may still be left in the index of search or in the log: whoever opens the file goes on with that.

CREATE TABLE leftovers (
    of_account INTEGER NOT NULL
) STRICT;
