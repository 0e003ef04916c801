-- What retention has taken away: of a tier of a battery nothing before
-- `before` is left. What was summed up of it is never made anew. tenant(5).
CREATE TABLE retained (
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	tier TEXT NOT NULL CHECK (tier IN ('readings', 'hourly', 'daily')),
	before INTEGER NOT NULL
	    CHECK (before BETWEEN 0 AND 253402300799999),
	PRIMARY KEY (battery_id, tier)
) STRICT, WITHOUT ROWID;
