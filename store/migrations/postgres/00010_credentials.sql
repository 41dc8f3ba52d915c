-- +goose Up

-- What Microsoft said of a registration and of each of its credentials, and of what nobody needs to be told again.
ALTER TABLE microsoft_tenant ADD COLUMN error_code TEXT NOT NULL DEFAULT '';
ALTER TABLE microsoft_tenant ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE microsoft_tenant ADD COLUMN error_side TEXT NOT NULL DEFAULT '';
ALTER TABLE microsoft_tenant ADD COLUMN error_remedy TEXT NOT NULL DEFAULT '';
ALTER TABLE microsoft_tenant ADD COLUMN error_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE microsoft_tenant ADD COLUMN seeded_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant_credential ADD COLUMN accepted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenant_credential ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant_credential ADD COLUMN error_side TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant_credential ADD COLUMN error_remedy TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant_credential ADD COLUMN error_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenant_credential ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;

-- Refusals that Microsoft gave before this instant are no longer held against the mailbox.
ALTER TABLE connection ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;
