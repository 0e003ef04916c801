-- Charge, counters and cells: rollup(5).

-- By trapezoid, both ways; the capacity that cycles are parts of.
ALTER TABLE history_rows ADD COLUMN charge_ah REAL;
ALTER TABLE history_rows ADD COLUMN discharge_ah REAL;
ALTER TABLE history_rows ADD COLUMN capacity_ah REAL;
-- What the counters of the devices counted, and what became of them.
ALTER TABLE history_rows ADD COLUMN cycles_counted INTEGER;
ALTER TABLE history_rows ADD COLUMN charge_counted_ah REAL;
ALTER TABLE history_rows ADD COLUMN discharge_counted_ah REAL;
ALTER TABLE history_rows ADD COLUMN energy_charged_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_discharged_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_production_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_consumption_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_grid_import_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_grid_export_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN energy_storage_counted_wh REAL;
ALTER TABLE history_rows ADD COLUMN counter_resets INTEGER;
ALTER TABLE history_rows ADD COLUMN counter_wraps INTEGER;
ALTER TABLE history_rows ADD COLUMN counter_suspects INTEGER;

-- How the counters stood after each hour that had some: what the next one
-- counts on from. Packed: lib/store/counter.c.
CREATE TABLE counter_state (
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 253402300799999),
	until INTEGER NOT NULL CHECK (until BETWEEN 0 AND 253402300799999),
	state BLOB NOT NULL,
	PRIMARY KEY (battery_id, hour)
) STRICT, WITHOUT ROWID;

-- Each cell and sensor by the periods of bms_data_history, packed
-- (lib/store/cells.h); the virtual table bms_cell_history shows them.
-- period: 0 hourly, 1 daily, 2 weekly, 3 monthly.
CREATE TABLE cell_history (
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	period INTEGER NOT NULL CHECK (period BETWEEN 0 AND 3),
	start INTEGER NOT NULL CHECK (start BETWEEN 0 AND 253402300799999),
	until INTEGER NOT NULL CHECK (until BETWEEN 0 AND 253402300799999),
	cells BLOB NOT NULL,
	PRIMARY KEY (battery_id, period, start)
) STRICT, WITHOUT ROWID;

-- The history is made anew from the readings by the next run.
DELETE FROM cursors WHERE follower = 'rollup';
