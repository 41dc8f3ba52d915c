-- +goose Up

-- Lists are sorted by where the chosen option of a field stands.
CREATE INDEX custom_field_option_value ON custom_field_option (field_id, value, position);
