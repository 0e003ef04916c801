-- Alerts follow what is corrected or replayed: tenant-db-annul(1).

-- What was looked at of a battery has changed, from this hour on.
CREATE TABLE alert_again (
	battery_id INTEGER PRIMARY KEY,
	hour INTEGER NOT NULL
) STRICT;
-- The readings do not say it any more, which was seen then.
ALTER TABLE alerts ADD COLUMN withdrawn_at INTEGER
    CHECK (withdrawn_at BETWEEN 0 AND 253402300799999);
