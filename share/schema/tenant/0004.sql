-- Exact weeks and months: what an average covers is its weight in a longer
-- period, and an extreme has its time. rollup(5).
ALTER TABLE bms_data_history ADD COLUMN pack_voltage_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN cell_voltage_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN pack_current_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN pack_power_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN temp_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN soc_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN soh_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN power_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN irradiance_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN module_temp_covered REAL;
ALTER TABLE bms_data_history ADD COLUMN data_quality_count INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_voltage_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_voltage_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN cell_voltage_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN cell_voltage_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_current_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_current_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_power_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN pack_power_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN temp_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN temp_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN soc_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN soc_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN power_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN power_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN irradiance_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN irradiance_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN module_temp_min_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN module_temp_max_time INTEGER;
ALTER TABLE bms_data_history ADD COLUMN cell_voltage_diff_max_time INTEGER;
-- The history is made anew from the readings by the next run.
DELETE FROM cursors WHERE follower = 'rollup';
