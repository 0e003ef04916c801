-- One tenant's database, first edition: tenant(5). Times are milliseconds
-- since 1970 UTC; a date is a TEXT; JSON is a TEXT; unknown is NULL.
-- The first UNIQUE of a table is the key by which tenant-db put finds a row.

PRAGMA application_id = 1413631315;

-- Who the tenant is: the operators' row of core.db, copied. One row.
CREATE TABLE client (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	slug TEXT NOT NULL UNIQUE
	    CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'
	    AND length(slug) <= 63),
	uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
	name TEXT NOT NULL CHECK (length(name) <= 255),
	company TEXT NOT NULL CHECK (length(company) <= 255),
	industry_type TEXT NOT NULL DEFAULT 'batteries'
	    CHECK (industry_type IN ('batteries', 'solar', 'industrial',
	    'residential')),
	status TEXT NOT NULL DEFAULT 'trial'
	    CHECK (status IN ('active', 'suspended', 'trial', 'archived')),
	timezone TEXT NOT NULL DEFAULT 'America/Montreal'
	    CHECK (length(timezone) <= 64),
	language TEXT NOT NULL DEFAULT 'fr'
	    CHECK (language IN ('fr', 'en', 'es', 'pt')),
	brand_color TEXT NOT NULL DEFAULT '#1976d2' CHECK (length(brand_color)
	    = 7 AND brand_color GLOB '#[0-9a-f]*' AND brand_color NOT GLOB
	    '?*[^0-9a-f]*'),
	logo_url TEXT CHECK (length(logo_url) <= 255),
	custom_css TEXT CHECK (length(custom_css) <= 32768),
	max_users INTEGER NOT NULL DEFAULT 10
	    CHECK (max_users BETWEEN 0 AND 1000000),
	max_devices INTEGER NOT NULL DEFAULT 100
	    CHECK (max_devices BETWEEN 0 AND 1000000),
	max_storage_gb REAL NOT NULL DEFAULT 10.0
	    CHECK (max_storage_gb BETWEEN 0 AND 1000000),
	api_rate_limit INTEGER NOT NULL DEFAULT 1000
	    CHECK (api_rate_limit BETWEEN 0 AND 1000000),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

-- The tenant's own settings, by name.
CREATE TABLE clients_config (
	id INTEGER PRIMARY KEY,
	config_key TEXT NOT NULL CHECK (length(config_key) <= 255) UNIQUE,
	config_value TEXT NOT NULL
	    CHECK (config_value GLOB '[-0-9"[{tfn]*'),
	description TEXT,
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE battery_types (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE
	    CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'
	    AND length(slug) <= 63),
	name TEXT NOT NULL CHECK (length(name) <= 255),
	-- technical
	chemistry TEXT NOT NULL
	    CHECK (chemistry IN ('li-ion', 'lifepo4', 'ncm', 'lco', 'lfp',
	    'nca', 'lto', 'lead-acid', 'sodium-ion', 'other')),
	nominal_voltage REAL NOT NULL
	    CHECK (nominal_voltage BETWEEN 0 AND 2000),
	capacity_ah REAL NOT NULL CHECK (capacity_ah BETWEEN 0 AND 100000),
	capacity_wh REAL NOT NULL CHECK (capacity_wh BETWEEN 0 AND 100000000),
	max_charge_current REAL CHECK (max_charge_current BETWEEN 0 AND 10000),
	max_discharge_current REAL
	    CHECK (max_discharge_current BETWEEN 0 AND 10000),
	-- temperatures in degrees Celsius
	operating_temp_min REAL DEFAULT -20
	    CHECK (operating_temp_min BETWEEN -100 AND 200),
	operating_temp_max REAL DEFAULT 60
	    CHECK (operating_temp_max BETWEEN -100 AND 200),
	storage_temp_min REAL DEFAULT -40
	    CHECK (storage_temp_min BETWEEN -100 AND 200),
	storage_temp_max REAL DEFAULT 85
	    CHECK (storage_temp_max BETWEEN -100 AND 200),
	-- life
	cycle_life INTEGER DEFAULT 2000
	    CHECK (cycle_life BETWEEN 0 AND 1000000),
	depth_of_discharge REAL DEFAULT 0.8
	    CHECK (depth_of_discharge BETWEEN 0 AND 1),
	-- size
	length_mm REAL CHECK (length_mm BETWEEN 0 AND 100000),
	width_mm REAL CHECK (width_mm BETWEEN 0 AND 100000),
	height_mm REAL CHECK (height_mm BETWEEN 0 AND 100000),
	weight_kg REAL CHECK (weight_kg BETWEEN 0 AND 1000000),
	-- BMS
	cell_count INTEGER NOT NULL CHECK (cell_count BETWEEN 1 AND 4096),
	parallel_strings INTEGER DEFAULT 1
	    CHECK (parallel_strings BETWEEN 1 AND 4096),
	bms_type TEXT CHECK (length(bms_type) <= 100),
	communication_protocol TEXT DEFAULT 'thingset'
	    CHECK (communication_protocol IN ('thingset', 'modbus', 'canbus',
	    'serial', 'http', 'mqtt')),
	-- about the row
	manufacturer TEXT CHECK (length(manufacturer) <= 255),
	model TEXT CHECK (length(model) <= 255),
	datasheet_url TEXT CHECK (length(datasheet_url) <= 500),
	notes TEXT,
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE locations (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE
	    CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'
	    AND length(slug) <= 63),
	name TEXT NOT NULL CHECK (length(name) <= 255),
	-- 1 site, 2 building, 3 zone ...; path is the names of the ancestors
	parent_id INTEGER REFERENCES locations (id) ON DELETE SET NULL,
	level INTEGER NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 16),
	path TEXT CHECK (length(path) <= 500),
	-- IANA zone; where NULL the nearest ancestor's, else the client's
	timezone TEXT CHECK (length(timezone) <= 64),
	address TEXT,
	city TEXT CHECK (length(city) <= 100),
	province TEXT CHECK (length(province) <= 50),
	postal_code TEXT CHECK (length(postal_code) <= 20),
	country TEXT DEFAULT 'CA' CHECK (length(country) = 2),
	latitude REAL CHECK (latitude BETWEEN -90 AND 90),
	longitude REAL CHECK (longitude BETWEEN -180 AND 180),
	environment_type TEXT DEFAULT 'indoor'
	    CHECK (environment_type IN ('indoor', 'outdoor', 'semi-outdoor')),
	climate_controlled INTEGER DEFAULT 0
	    CHECK (climate_controlled IN (0, 1)),
	humidity_controlled INTEGER DEFAULT 0
	    CHECK (humidity_controlled IN (0, 1)),
	access_level TEXT DEFAULT 'restricted'
	    CHECK (access_level IN ('public', 'restricted', 'secure',
	    'high-security')),
	requires_authorization INTEGER DEFAULT 1
	    CHECK (requires_authorization IN (0, 1)),
	responsible_name TEXT CHECK (length(responsible_name) <= 255),
	responsible_phone TEXT CHECK (length(responsible_phone) <= 50),
	responsible_email TEXT CHECK (length(responsible_email) <= 255),
	description TEXT,
	installation_date TEXT
	    CHECK (installation_date IS date(installation_date)),
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;
CREATE INDEX locations_parent ON locations (parent_id);

CREATE TABLE batteries (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE
	    CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'
	    AND length(slug) <= 63),
	uuid TEXT NOT NULL DEFAULT (
	    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
	    substr(hex(randomblob(2)), 2) || '-' ||
	    substr('89ab', 1 + (random() & 3), 1) ||
	    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))
	    UNIQUE CHECK (length(uuid) = 36),
	serial_number TEXT NOT NULL
	    CHECK (length(serial_number) <= 255) UNIQUE,
	internal_id TEXT CHECK (length(internal_id) <= 100),
	name TEXT NOT NULL CHECK (length(name) <= 255),
	battery_type_id INTEGER NOT NULL
	    REFERENCES battery_types (id) ON DELETE RESTRICT,
	location_id INTEGER NOT NULL
	    REFERENCES locations (id) ON DELETE RESTRICT,
	-- BMS
	bms_id TEXT CHECK (length(bms_id) <= 255),
	bms_ip_address TEXT CHECK (length(bms_ip_address) <= 45),
	bms_port INTEGER CHECK (bms_port BETWEEN 1 AND 65535),
	bms_protocol TEXT DEFAULT 'thingset'
	    CHECK (bms_protocol IN ('thingset', 'modbus', 'canbus', 'serial',
	    'http', 'mqtt')),
	bms_config TEXT CHECK (bms_config GLOB '{*}'),
	-- state
	status TEXT NOT NULL DEFAULT 'commissioning'
	    CHECK (status IN ('commissioning', 'operational', 'maintenance',
	    'fault', 'decommissioned')),
	health_score REAL CHECK (health_score BETWEEN 0 AND 100),
	last_maintenance_date TEXT
	    CHECK (last_maintenance_date IS date(last_maintenance_date)),
	next_maintenance_date TEXT
	    CHECK (next_maintenance_date IS date(next_maintenance_date)),
	-- contract
	warranty_start_date TEXT
	    CHECK (warranty_start_date IS date(warranty_start_date)),
	warranty_end_date TEXT
	    CHECK (warranty_end_date IS date(warranty_end_date)),
	purchase_date TEXT CHECK (purchase_date IS date(purchase_date)),
	installation_date TEXT
	    CHECK (installation_date IS date(installation_date)),
	commissioning_date TEXT
	    CHECK (commissioning_date IS date(commissioning_date)),
	-- limits of this battery, before those of its type
	custom_voltage_min REAL CHECK (custom_voltage_min BETWEEN 0 AND 2000),
	custom_voltage_max REAL CHECK (custom_voltage_max BETWEEN 0 AND 2000),
	custom_temp_min REAL CHECK (custom_temp_min BETWEEN -100 AND 200),
	custom_temp_max REAL CHECK (custom_temp_max BETWEEN -100 AND 200),
	custom_current_charge_max REAL
	    CHECK (custom_current_charge_max BETWEEN 0 AND 10000),
	custom_current_discharge_max REAL
	    CHECK (custom_current_discharge_max BETWEEN 0 AND 10000),
	-- alerts
	alerts_enabled INTEGER NOT NULL DEFAULT 1
	    CHECK (alerts_enabled IN (0, 1)),
	critical_alerts_only INTEGER NOT NULL DEFAULT 0
	    CHECK (critical_alerts_only IN (0, 1)),
	alert_contacts TEXT CHECK (alert_contacts GLOB '[[]*]'),
	-- about the row
	notes TEXT,
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	-- set by append, to the minute; device_state has it exactly
	last_data_received INTEGER
	    CHECK (last_data_received BETWEEN 0 AND 253402300799999)
) STRICT;
CREATE INDEX batteries_location ON batteries (location_id);
CREATE INDEX batteries_type ON batteries (battery_type_id);

-- Endpoints of the field: device(5).
CREATE TABLE devices (
	id INTEGER PRIMARY KEY,
	device TEXT NOT NULL UNIQUE
	    CHECK (device GLOB '[A-Za-z0-9_-]*'
	    AND device NOT GLOB '*[^A-Za-z0-9._-]*'
	    AND length(device) <= 63),
	profile TEXT NOT NULL CHECK (length(profile) <= 64),
	address TEXT NOT NULL CHECK (length(address) <= 512),
	unit INTEGER NOT NULL DEFAULT 1 CHECK (unit BETWEEN 0 AND 255),
	-- 0: as often as the poller was told
	interval_ms INTEGER NOT NULL DEFAULT 0
	    CHECK (interval_ms BETWEEN 0 AND 86400000),
	timeout_ms INTEGER NOT NULL DEFAULT 1000
	    CHECK (timeout_ms BETWEEN 1 AND 600000),
	options TEXT CHECK (options GLOB '{*}'),
	notes TEXT,
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

-- Which battery a device measured since when; battery_id NULL: none.
CREATE TABLE device_batteries (
	id INTEGER PRIMARY KEY,
	device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
	valid_from INTEGER NOT NULL DEFAULT 0
	    CHECK (valid_from BETWEEN 0 AND 253402300799999),
	battery_id INTEGER REFERENCES batteries (id) ON DELETE CASCADE,
	UNIQUE (device_id, valid_from)
) STRICT;
CREATE INDEX device_batteries_battery ON device_batteries (battery_id);

-- What append last heard of each device.
CREATE TABLE device_state (
	device_id INTEGER PRIMARY KEY
	    REFERENCES devices (id) ON DELETE CASCADE,
	-- the last reading with measurements, and the last answer of any kind
	last_data_at INTEGER
	    CHECK (last_data_at BETWEEN 0 AND 253402300799999),
	last_contact_at INTEGER
	    CHECK (last_contact_at BETWEEN 0 AND 253402300799999),
	last_error_at INTEGER
	    CHECK (last_error_at BETWEEN 0 AND 253402300799999),
	last_error TEXT,
	-- polls that failed, in all and since the last answer
	communication_errors INTEGER NOT NULL DEFAULT 0,
	errors_in_row INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE custom_fields (
	id INTEGER PRIMARY KEY,
	field_name TEXT NOT NULL CHECK (length(field_name) <= 100),
	field_label TEXT NOT NULL CHECK (length(field_label) <= 255),
	field_type TEXT NOT NULL
	    CHECK (field_type IN ('text', 'number', 'date', 'boolean',
	    'select', 'multiselect', 'textarea')),
	is_required INTEGER NOT NULL DEFAULT 0 CHECK (is_required IN (0, 1)),
	validation_rules TEXT CHECK (validation_rules GLOB '{*}'),
	default_value TEXT,
	options TEXT CHECK (options GLOB '[[]*]'),
	display_order INTEGER NOT NULL DEFAULT 0,
	is_visible_in_list INTEGER NOT NULL DEFAULT 1
	    CHECK (is_visible_in_list IN (0, 1)),
	is_visible_in_detail INTEGER NOT NULL DEFAULT 1
	    CHECK (is_visible_in_detail IN (0, 1)),
	is_searchable INTEGER NOT NULL DEFAULT 1
	    CHECK (is_searchable IN (0, 1)),
	applies_to TEXT NOT NULL
	    CHECK (applies_to IN ('battery', 'location', 'battery_type')),
	description TEXT,
	help_text TEXT,
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	UNIQUE (field_name, applies_to)
) STRICT;

CREATE TABLE custom_field_values (
	id INTEGER PRIMARY KEY,
	custom_field_id INTEGER NOT NULL
	    REFERENCES custom_fields (id) ON DELETE CASCADE,
	entity_type TEXT NOT NULL
	    CHECK (entity_type IN ('battery', 'location', 'battery_type')),
	entity_id INTEGER NOT NULL,
	field_value TEXT,
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	UNIQUE (custom_field_id, entity_type, entity_id)
) STRICT;
CREATE INDEX custom_field_values_entity ON custom_field_values
    (entity_type, entity_id);

CREATE TABLE users (
	id INTEGER PRIMARY KEY,
	username TEXT NOT NULL UNIQUE
	    CHECK (length(username) BETWEEN 1 AND 100),
	uuid TEXT NOT NULL DEFAULT (
	    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
	    substr(hex(randomblob(2)), 2) || '-' ||
	    substr('89ab', 1 + (random() & 3), 1) ||
	    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))
	    UNIQUE CHECK (length(uuid) = 36),
	email TEXT NOT NULL CHECK (length(email) <= 255) UNIQUE,
	first_name TEXT NOT NULL CHECK (length(first_name) <= 100),
	last_name TEXT NOT NULL CHECK (length(last_name) <= 100),
	phone TEXT CHECK (length(phone) <= 50),
	job_title TEXT CHECK (length(job_title) <= 255),
	department TEXT CHECK (length(department) <= 255),
	role TEXT NOT NULL DEFAULT 'viewer'
	    CHECK (role IN ('super_admin', 'admin', 'operator', 'viewer',
	    'readonly')),
	permissions TEXT CHECK (permissions GLOB '{*}'),
	-- slugs of the views granted
	views TEXT CHECK (views GLOB '[[]*]'),
	allowed_locations TEXT CHECK (allowed_locations GLOB '[[]*]'),
	allowed_battery_types TEXT CHECK (allowed_battery_types GLOB '[[]*]'),
	ip_restrictions TEXT CHECK (ip_restrictions GLOB '[[]*]'),
	language TEXT NOT NULL DEFAULT 'fr'
	    CHECK (language IN ('fr', 'en', 'es', 'pt')),
	timezone TEXT NOT NULL DEFAULT 'America/Montreal'
	    CHECK (length(timezone) <= 64),
	date_format TEXT NOT NULL DEFAULT 'Y-m-d'
	    CHECK (length(date_format) <= 20),
	notifications_email INTEGER NOT NULL DEFAULT 1
	    CHECK (notifications_email IN (0, 1)),
	notifications_sms INTEGER NOT NULL DEFAULT 0
	    CHECK (notifications_sms IN (0, 1)),
	dashboard_config TEXT CHECK (dashboard_config GLOB '{*}'),
	is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	created_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;

-- A named selection of batteries: each is a site of its own. The selection
-- is an object: {} is all; "batteries", "locations" and "types" are arrays
-- of slugs, joined by and.
CREATE TABLE views (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE
	    CHECK (slug GLOB '[a-z0-9]*' AND slug NOT GLOB '*[^a-z0-9-]*'
	    AND length(slug) <= 63),
	name TEXT NOT NULL CHECK (length(name) <= 255),
	selection TEXT NOT NULL DEFAULT '{}' CHECK (selection GLOB '{*}'),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;
INSERT INTO views (slug, name) VALUES ('all', 'all');

-- Rules of alert-eval: rules(5).
CREATE TABLE alert_rules (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 50),
	severity TEXT NOT NULL
	    CHECK (severity IN ('info', 'warning', 'critical', 'emergency')),
	category TEXT NOT NULL
	    CHECK (category IN ('voltage', 'current', 'temperature', 'soc',
	    'soh', 'communication', 'system')),
	title TEXT NOT NULL CHECK (length(title) <= 255),
	message TEXT NOT NULL,
	description TEXT,
	-- fires once true for for_ms; clear_expression ends it, else NOT it
	expression TEXT NOT NULL CHECK (length(expression) <= 4096),
	for_ms INTEGER NOT NULL DEFAULT 0
	    CHECK (for_ms BETWEEN 0 AND 31536000000),
	clear_expression TEXT CHECK (length(clear_expression) <= 4096),
	clear_for_ms INTEGER NOT NULL DEFAULT 0
	    CHECK (clear_for_ms BETWEEN 0 AND 31536000000),
	-- what the alert shows beside its message
	value_expression TEXT CHECK (length(value_expression) <= 4096),
	threshold REAL,
	unit TEXT CHECK (length(unit) <= 20),
	-- readings it looks at, and batteries: as in views
	kind TEXT NOT NULL DEFAULT 'battery'
	    CHECK (kind IN ('battery', 'energy', 'status')),
	selection TEXT NOT NULL DEFAULT '{}' CHECK (selection GLOB '{*}'),
	is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE alerts (
	id INTEGER PRIMARY KEY,
	uuid TEXT NOT NULL DEFAULT (
	    lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
	    substr(hex(randomblob(2)), 2) || '-' ||
	    substr('89ab', 1 + (random() & 3), 1) ||
	    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))
	    UNIQUE CHECK (length(uuid) = 36),
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	severity TEXT NOT NULL
	    CHECK (severity IN ('info', 'warning', 'critical', 'emergency')),
	category TEXT NOT NULL
	    CHECK (category IN ('voltage', 'current', 'temperature', 'soc',
	    'soh', 'communication', 'system')),
	alert_code TEXT NOT NULL CHECK (length(alert_code) <= 50),
	title TEXT NOT NULL CHECK (length(title) <= 255),
	message TEXT NOT NULL,
	description TEXT,
	trigger_value REAL,
	threshold_value REAL,
	current_value REAL,
	unit TEXT CHECK (length(unit) <= 20),
	status TEXT NOT NULL DEFAULT 'active'
	    CHECK (status IN ('active', 'acknowledged', 'resolved',
	    'suppressed')),
	is_persistent INTEGER NOT NULL DEFAULT 0
	    CHECK (is_persistent IN (0, 1)),
	first_occurrence INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (first_occurrence BETWEEN 0 AND 253402300799999),
	last_occurrence INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (last_occurrence BETWEEN 0 AND 253402300799999),
	acknowledged_at INTEGER
	    CHECK (acknowledged_at BETWEEN 0 AND 253402300799999),
	resolved_at INTEGER CHECK (resolved_at BETWEEN 0 AND 253402300799999),
	acknowledged_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
	resolved_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
	resolution_notes TEXT,
	notifications_sent TEXT CHECK (notifications_sent GLOB '[[]*]'),
	escalation_level INTEGER NOT NULL DEFAULT 0,
	next_escalation INTEGER
	    CHECK (next_escalation BETWEEN 0 AND 253402300799999),
	auto_actions_triggered TEXT CHECK (auto_actions_triggered GLOB
	    '[[]*]'),
	raw_data TEXT CHECK (raw_data GLOB '{*}'),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	UNIQUE (battery_id, alert_code, first_occurrence)
) STRICT;
CREATE INDEX alerts_battery ON alerts (battery_id, status);
CREATE INDEX alerts_status ON alerts (status, severity, created_at);

-- Where each rule stands with each battery, between two runs.
CREATE TABLE alert_state (
	rule_id INTEGER NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	state TEXT NOT NULL DEFAULT 'clear'
	    CHECK (state IN ('clear', 'pending', 'active')),
	since_ms INTEGER CHECK (since_ms BETWEEN 0 AND 253402300799999),
	clear_since_ms INTEGER
	    CHECK (clear_since_ms BETWEEN 0 AND 253402300799999),
	last_time_ms INTEGER
	    CHECK (last_time_ms BETWEEN 0 AND 253402300799999),
	alert_id INTEGER REFERENCES alerts (id) ON DELETE SET NULL,
	PRIMARY KEY (rule_id, battery_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_state_battery ON alert_state (battery_id);
CREATE INDEX alert_state_alert ON alert_state (alert_id);

-- The newest reading of each battery that the rules have looked at.
CREATE TABLE alert_seen (
	battery_id INTEGER PRIMARY KEY
	    REFERENCES batteries (id) ON DELETE CASCADE,
	time_ms INTEGER NOT NULL CHECK (time_ms BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE maintenance_logs (
	id INTEGER PRIMARY KEY,
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	performed_at INTEGER NOT NULL
	    CHECK (performed_at BETWEEN 0 AND 253402300799999),
	kind TEXT NOT NULL
	    CHECK (kind IN ('inspection', 'preventive', 'corrective',
	    'replacement', 'calibration', 'firmware', 'commissioning',
	    'decommissioning', 'other')),
	title TEXT NOT NULL CHECK (length(title) <= 255),
	description TEXT,
	status TEXT NOT NULL DEFAULT 'done'
	    CHECK (status IN ('planned', 'done', 'cancelled')),
	performed_by TEXT CHECK (length(performed_by) <= 255),
	user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
	alert_id INTEGER REFERENCES alerts (id) ON DELETE SET NULL,
	duration_minutes INTEGER CHECK (duration_minutes BETWEEN 0 AND 525600),
	cost REAL CHECK (cost BETWEEN 0 AND 1000000000),
	currency TEXT DEFAULT 'CAD' CHECK (length(currency) = 3),
	parts_replaced TEXT CHECK (parts_replaced GLOB '[[]*]'),
	measurements TEXT CHECK (measurements GLOB '{*}'),
	next_due_date TEXT CHECK (next_due_date IS date(next_due_date)),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	UNIQUE (battery_id, performed_at, title)
) STRICT;

-- The tamper-evident log: audit(5). line is what the chain covers; the
-- other columns are copies to search by.
CREATE TABLE audit_logs (
	id INTEGER PRIMARY KEY,
	line TEXT NOT NULL,
	hash TEXT NOT NULL CHECK (length(hash) = 64),
	timestamp INTEGER NOT NULL
	    CHECK (timestamp BETWEEN 0 AND 253402300799999),
	actor TEXT,
	event TEXT NOT NULL,
	event_type TEXT NOT NULL
	    CHECK (event_type IN ('auth', 'data', 'config', 'system',
	    'security')),
	action TEXT NOT NULL,
	resource_type TEXT,
	resource_id TEXT,
	ip_address TEXT,
	user_agent TEXT,
	request_data TEXT CHECK (request_data GLOB '{*}'),
	response_data TEXT CHECK (response_data GLOB '{*}'),
	status TEXT NOT NULL
	    CHECK (status IN ('success', 'failure', 'error')),
	error_message TEXT,
	processing_time REAL
) STRICT;
CREATE INDEX audit_logs_time ON audit_logs (timestamp);
CREATE INDEX audit_logs_resource ON audit_logs (resource_type, resource_id);
CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs
BEGIN SELECT RAISE(ABORT, 'audit_logs is append-only'); END;
CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs
BEGIN SELECT RAISE(ABORT, 'audit_logs is append-only'); END;

-- Readings, packed; the virtual table bms_data shows them as columns.
-- kind: 0 battery, 1 energy. quality: index of data_quality, 255 unknown.
-- made: 1 from a frame, so that a replay can make it again; 0 imported.
CREATE TABLE readings (
	time INTEGER NOT NULL CHECK (time BETWEEN 0 AND 253402300799999),
	battery_id INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 1),
	gen INTEGER NOT NULL,
	quality INTEGER NOT NULL CHECK (quality BETWEEN 0 AND 255),
	packed BLOB NOT NULL,
	made INTEGER NOT NULL DEFAULT 0 CHECK (made IN (0, 1)),
	PRIMARY KEY (time, battery_id, kind)
) STRICT, WITHOUT ROWID;

-- Which (battery, hour) has changed; a change moves it to a new seq. hour
-- is the start of the UTC hour in ms.
CREATE TABLE touched (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	battery_id INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	UNIQUE (battery_id, hour)
) STRICT;

-- How far each reader of touched has come.
CREATE TABLE cursors (
	follower TEXT NOT NULL PRIMARY KEY,
	seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- History by local hour, day, ISO week and month of the battery's zone:
-- rollup(5). Columns stem_avg, stem_min ... follow the measurements table.
CREATE TABLE bms_data_history (
	id INTEGER PRIMARY KEY,
	battery_id INTEGER NOT NULL
	    REFERENCES batteries (id) ON DELETE CASCADE,
	period_type TEXT NOT NULL
	    CHECK (period_type IN ('hourly', 'daily', 'weekly', 'monthly')),
	period_start INTEGER NOT NULL
	    CHECK (period_start BETWEEN 0 AND 253402300799999),
	period_end INTEGER NOT NULL
	    CHECK (period_end BETWEEN 0 AND 253402300799999),
	zone TEXT NOT NULL,
	pack_voltage_avg REAL,
	pack_voltage_min REAL,
	pack_voltage_max REAL,
	cell_voltage_avg REAL,
	cell_voltage_min REAL,
	cell_voltage_max REAL,
	cell_voltage_diff_max REAL,
	pack_current_avg REAL,
	pack_current_min REAL,
	pack_current_max REAL,
	pack_power_avg REAL,
	pack_power_min REAL,
	pack_power_max REAL,
	temp_avg REAL,
	temp_min REAL,
	temp_max REAL,
	soc_avg REAL,
	soc_min REAL,
	soc_max REAL,
	soc_start REAL,
	soc_end REAL,
	soh_avg REAL,
	soh_start REAL,
	soh_end REAL,
	power_avg REAL,
	power_min REAL,
	power_max REAL,
	irradiance_avg REAL,
	irradiance_min REAL,
	irradiance_max REAL,
	module_temp_avg REAL,
	module_temp_min REAL,
	module_temp_max REAL,
	-- Wh, integrated by trapezoid; the last five from energy readings
	energy_charged_wh REAL,
	energy_discharged_wh REAL,
	energy_production_wh REAL,
	energy_consumption_wh REAL,
	energy_grid_import_wh REAL,
	energy_grid_export_wh REAL,
	energy_storage_wh REAL,
	efficiency_percent REAL,
	partial_cycles REAL,
	-- minutes
	time_idle REAL,
	time_charging REAL,
	time_discharging REAL,
	time_balancing REAL,
	time_fault REAL,
	time_covered REAL,
	data_points_count INTEGER,
	data_quality_avg REAL,
	communication_errors_total INTEGER,
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	UNIQUE (battery_id, period_type, period_start)
) STRICT;
CREATE INDEX bms_data_history_period ON bms_data_history
    (period_type, period_start);
