-- The operators' database, first edition. Times are milliseconds since
-- 1970 UTC; JSON is a TEXT. The first UNIQUE of a table is the key by which
-- tenant-db put finds a row.

PRAGMA application_id = 1413631299;

CREATE TABLE clients (
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
	name TEXT NOT NULL CHECK (length(name) <= 255),
	company TEXT NOT NULL CHECK (length(company) <= 255),
	-- the folder below tenants/: the slug
	database_name TEXT NOT NULL CHECK (length(database_name) <= 64) UNIQUE,
	industry_type TEXT NOT NULL DEFAULT 'batteries'
	    CHECK (industry_type IN ('batteries', 'solar', 'industrial',
	    'residential')),
	status TEXT NOT NULL DEFAULT 'trial'
	    CHECK (status IN ('active', 'suspended', 'trial', 'archived')),
	timezone TEXT NOT NULL DEFAULT 'America/Montreal'
	    CHECK (length(timezone) <= 64),
	language TEXT NOT NULL DEFAULT 'fr'
	    CHECK (language IN ('fr', 'en', 'es', 'pt')),
	max_users INTEGER NOT NULL DEFAULT 10
	    CHECK (max_users BETWEEN 0 AND 1000000),
	max_devices INTEGER NOT NULL DEFAULT 100
	    CHECK (max_devices BETWEEN 0 AND 1000000),
	max_storage_gb REAL NOT NULL DEFAULT 10.0
	    CHECK (max_storage_gb BETWEEN 0 AND 1000000),
	brand_color TEXT NOT NULL DEFAULT '#1976d2' CHECK (length(brand_color)
	    = 7 AND brand_color GLOB '#[0-9a-f]*' AND brand_color NOT GLOB
	    '?*[^0-9a-f]*'),
	logo_url TEXT CHECK (length(logo_url) <= 255),
	custom_css TEXT CHECK (length(custom_css) <= 32768),
	subscription_plan TEXT NOT NULL DEFAULT 'free'
	    CHECK (subscription_plan IN ('free', 'basic', 'pro',
	    'enterprise')),
	billing_cycle TEXT NOT NULL DEFAULT 'monthly'
	    CHECK (billing_cycle IN ('monthly', 'yearly')),
	next_billing_date TEXT
	    CHECK (next_billing_date IS date(next_billing_date)),
	-- id of the wrapped key below keys/, never a key
	encryption_key TEXT CHECK (length(encryption_key) <= 255),
	api_rate_limit INTEGER NOT NULL DEFAULT 1000
	    CHECK (api_rate_limit BETWEEN 0 AND 1000000),
	allowed_ip_ranges TEXT CHECK (allowed_ip_ranges GLOB '[[]*]'),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999),
	last_activity INTEGER
	    CHECK (last_activity BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE modules (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) <= 100) UNIQUE,
	display_name TEXT NOT NULL CHECK (length(display_name) <= 255),
	version TEXT NOT NULL CHECK (length(version) <= 20),
	description TEXT,
	config_schema TEXT CHECK (config_schema GLOB '{*}'),
	default_config TEXT CHECK (default_config GLOB '{*}'),
	required_extensions TEXT CHECK (required_extensions GLOB '[[]*]'),
	dependencies TEXT CHECK (dependencies GLOB '[[]*]'),
	is_core INTEGER NOT NULL DEFAULT 0 CHECK (is_core IN (0, 1)),
	is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
	requires_license INTEGER NOT NULL DEFAULT 0
	    CHECK (requires_license IN (0, 1)),
	author TEXT CHECK (length(author) <= 255),
	license TEXT CHECK (length(license) <= 50),
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

CREATE TABLE client_modules (
	id INTEGER PRIMARY KEY,
	client_id INTEGER NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	module_id INTEGER NOT NULL REFERENCES modules (id) ON DELETE RESTRICT,
	config TEXT CHECK (config GLOB '{*}'),
	custom_settings TEXT CHECK (custom_settings GLOB '{*}'),
	is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
	installation_date INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (installation_date BETWEEN 0 AND 253402300799999),
	last_updated INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (last_updated BETWEEN 0 AND 253402300799999),
	UNIQUE (client_id, module_id)
) STRICT;

CREATE TABLE system_config (
	id INTEGER PRIMARY KEY,
	config_key TEXT NOT NULL CHECK (length(config_key) <= 255) UNIQUE,
	config_value TEXT NOT NULL
	    CHECK (config_value GLOB '[-0-9"[{tfn]*'),
	description TEXT,
	is_sensitive INTEGER NOT NULL DEFAULT 0 CHECK (is_sensitive IN (0, 1)),
	version INTEGER NOT NULL DEFAULT 1,
	created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (created_at BETWEEN 0 AND 253402300799999),
	updated_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
	    CHECK (updated_at BETWEEN 0 AND 253402300799999)
) STRICT;

-- What run-job has run: one row a run.
CREATE TABLE job_runs (
	id INTEGER PRIMARY KEY,
	job TEXT NOT NULL CHECK (length(job) <= 100),
	started_at INTEGER NOT NULL
	    CHECK (started_at BETWEEN 0 AND 253402300799999),
	ended_at INTEGER CHECK (ended_at BETWEEN 0 AND 253402300799999),
	duration_ms INTEGER,
	attempt INTEGER NOT NULL DEFAULT 1,
	-- running until it has ended; late: stopped at its time limit
	outcome TEXT NOT NULL DEFAULT 'running'
	    CHECK (outcome IN ('running', 'done', 'refused', 'wrong', 'again',
	    'late', 'killed', 'skipped')),
	exit_status INTEGER,
	signal INTEGER,
	host TEXT CHECK (length(host) <= 255),
	pid INTEGER,
	output TEXT,
	UNIQUE (job, started_at, attempt)
) STRICT;
CREATE INDEX job_runs_outcome ON job_runs (outcome, started_at);

-- The tamper-evident log of the operators: audit(5), as in tenant(5).
CREATE TABLE audit_logs (
	id INTEGER PRIMARY KEY,
	line TEXT NOT NULL,
	hash TEXT NOT NULL CHECK (length(hash) = 64),
	timestamp INTEGER NOT NULL
	    CHECK (timestamp BETWEEN 0 AND 253402300799999),
	client_id INTEGER,
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
CREATE INDEX audit_logs_client ON audit_logs (client_id, timestamp);
CREATE INDEX audit_logs_time ON audit_logs (timestamp);
CREATE INDEX audit_logs_resource ON audit_logs (resource_type, resource_id);
CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs
BEGIN SELECT RAISE(ABORT, 'audit_logs is append-only'); END;
CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs
BEGIN SELECT RAISE(ABORT, 'audit_logs is append-only'); END;

INSERT INTO modules (name, display_name, version, description, is_core)
VALUES
    ('core', 'Module Core', '1.0', 'Module noyau du système', 1),
    ('auth', 'Authentification', '1.0',
     'Gestion authentification et autorisations', 1),
    ('gateway', 'Passerelle API', '1.0', 'Point d''entrée API', 1),
    ('bms-connector', 'Connecteur BMS', '1.0',
     'Interface avec systèmes BMS', 0),
    ('data-processor', 'Processeur Données', '1.0',
     'Traitement et analyse données', 0),
    ('web-interface', 'Interface Web', '1.0', 'Interface utilisateur web', 0),
    ('database', 'Gestionnaire BD', '1.0', 'Gestion base de données', 1);

INSERT INTO system_config (config_key, config_value, description) VALUES
    ('system.version', '"1.0.0"', 'Version du système'),
    ('system.maintenance_mode', 'false', 'Mode maintenance activé'),
    ('database.auto_backup', 'true', 'Sauvegarde automatique'),
    ('security.session_lifetime', '3600', 'Durée de vie session (secondes)'),
    ('alerts.email_enabled', 'true', 'Notifications email activées'),
    ('performance.cache_enabled', 'true', 'Cache activé');
