-- Accounts whose newest search text is not in account_search yet.

CREATE TABLE search_waiting (
    account_id INTEGER PRIMARY KEY
) STRICT;

-- Each level of the index is merged into the next when it has this many segments: the merges cost more than all else, and a search through more segments
-- is still a matter of tenths of a millisecond.
INSERT INTO account_search (account_search, rank) VALUES ('automerge', 16);
INSERT INTO account_search (account_search, rank) VALUES ('crisismerge', 64);
-- A segment of which so many percent are outdated is merged as well. At the default, 10, most of the work was to take the outdated out.
INSERT INTO account_search (account_search, rank) VALUES ('deletemerge', 40);
