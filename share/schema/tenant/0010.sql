-- Quotas of the client, where rows are added: 0 is without limit. What is
-- there already stays when a quota becomes smaller.
CREATE TRIGGER batteries_quota AFTER INSERT ON batteries
WHEN NEW.is_active = 1 AND NEW.status <> 'decommissioned' AND
    (SELECT count(*) FROM batteries WHERE is_active = 1 AND
	status <> 'decommissioned') >
    (SELECT max_devices FROM client WHERE max_devices > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more batteries (max_devices)'); END;
CREATE TRIGGER batteries_quota_again AFTER UPDATE OF is_active, status
ON batteries
WHEN NEW.is_active = 1 AND NEW.status <> 'decommissioned' AND
    (OLD.is_active = 0 OR OLD.status = 'decommissioned') AND
    (SELECT count(*) FROM batteries WHERE is_active = 1 AND
	status <> 'decommissioned') >
    (SELECT max_devices FROM client WHERE max_devices > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more batteries (max_devices)'); END;
CREATE TRIGGER devices_quota AFTER INSERT ON devices
WHEN NEW.is_active = 1 AND
    (SELECT count(*) FROM devices WHERE is_active = 1) >
    (SELECT max_devices FROM client WHERE max_devices > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more devices (max_devices)'); END;
CREATE TRIGGER devices_quota_again AFTER UPDATE OF is_active ON devices
WHEN NEW.is_active = 1 AND OLD.is_active = 0 AND
    (SELECT count(*) FROM devices WHERE is_active = 1) >
    (SELECT max_devices FROM client WHERE max_devices > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more devices (max_devices)'); END;
CREATE TRIGGER users_quota AFTER INSERT ON users
WHEN NEW.is_active = 1 AND
    (SELECT count(*) FROM users WHERE is_active = 1) >
    (SELECT max_users FROM client WHERE max_users > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more users (max_users)'); END;
CREATE TRIGGER users_quota_again AFTER UPDATE OF is_active ON users
WHEN NEW.is_active = 1 AND OLD.is_active = 0 AND
    (SELECT count(*) FROM users WHERE is_active = 1) >
    (SELECT max_users FROM client WHERE max_users > 0)
BEGIN SELECT RAISE(ABORT, 'quota: no more users (max_users)'); END;
