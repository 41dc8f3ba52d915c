-- +goose Up

-- Lists are sorted by where the chosen option of a field stands.
CREATE INDEX custom_field_option_value ON custom_field_option (field_id, value, position);

-- As text.HasWord in SQL: the ranges are the digits, letters and marks of scripts that write blanks between words.
-- They are told one by one, since what [[:alnum:]] means depends on the locale of the database.
-- +goose StatementBegin
CREATE FUNCTION has_word(body TEXT, word TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT word <> '' AND body ~ (
        CASE WHEN word ~ ('^[' || joining || ']') THEN '(^|[^' || joining || '])' ELSE '' END
        || regexp_replace(word, '([][\\.^$*+?(){}|/-])', '\\\1', 'g')
        || CASE WHEN word ~ ('[' || joining || ']$') THEN '([^' || joining || ']|$)' ELSE '' END)
    FROM (SELECT '0-9A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02c1\u02c6-\u02d1\u02e0-\u02e4'
        '\u0300-\u0374\u0376-\u037d\u037f\u0386\u0388-\u0481\u0483-\u0559\u0560-\u0588\u0591-\u05bd\u05bf-\u05c7\u05d0-\u05f2\u0610-\u061a'
        '\u0620-\u0669\u066e-\u06d3\u06d5-\u06ff\u0710-\u0963\u0966-\u0dff\u0f18-\u0fff\u10a0-\u135f\u1369-\u166c\u166f-\u1734\u1740-\u177f'
        '\u1800-\u1fff\u2070-\u2079\u207f-\u2089\u2090-\u209c\u2c00-\u2dff\u3105-\u318e\ua000-\ua8c5\ua8d0-\ud7fb\ufb00-\ufdfb' AS joining) AS letters
$$;
-- +goose StatementEnd
