package conformance

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// beside lists navigation properties of messages and attachments that exist but
// were left out of the document.
var beside = []string{"singleValueExtendedProperties", "multiValueExtendedProperties", "extensions"}

// uncovered tells whether a path belongs to a part of Graph of which the
// document, a subset, says nothing.
func uncovered(path string) bool {
	return strings.HasPrefix(path, "/v1.0/applications") || strings.HasPrefix(path, "/applications")
}

// judgeNames complains of members of objects that the schema does not name.
// Names are compared without case, as the service does, and annotations
// ("@odata.etag") are never complained of.
func (c *Checker) judgeNames(what string, schema *openapi3.SchemaRef, value any) {
	switch v := value.(type) {
	case []any:
		items := itemsOf(schema)
		if items == nil {
			return
		}
		for _, item := range v {
			c.judgeNames(what, items, item)
		}
	case map[string]any:
		known := map[string]*openapi3.SchemaRef{}
		if !members(schema, known) {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if strings.Contains(name, "@") || slices.Contains(beside, name) {
				continue
			}
			member, ok := known[strings.ToLower(name)]
			if !ok && !isFileAttachment(v) {
				c.violation("%s: unknown property %s", what, name)
				continue
			}
			if ok && name != "innerError" { // which services fill as they like
				c.judgeNames(what+" "+name, member, v[name])
			}
		}
	}
}

// isFileAttachment: where the document says attachment, the service sends the
// derived type that @odata.type names.
func isFileAttachment(v map[string]any) bool {
	kind, _ := v["@odata.type"].(string)
	return strings.HasSuffix(kind, "Attachment")
}

func itemsOf(schema *openapi3.SchemaRef) *openapi3.SchemaRef {
	for _, s := range variants(schema) {
		if s.Value.Items != nil {
			return s.Value.Items
		}
	}
	return nil
}

// members collects the properties of a schema and of all it is made of. It
// reports whether the schema names any: one that does not is a free object.
func members(schema *openapi3.SchemaRef, into map[string]*openapi3.SchemaRef) bool {
	for _, s := range variants(schema) {
		for name, property := range s.Value.Properties {
			into[strings.ToLower(name)] = property
		}
	}
	return len(into) > 0
}

// variants flattens allOf, anyOf and oneOf.
func variants(schema *openapi3.SchemaRef) []*openapi3.SchemaRef {
	if schema == nil || schema.Value == nil {
		return nil
	}
	list := []*openapi3.SchemaRef{schema}
	for _, inner := range slices.Concat(schema.Value.AllOf, schema.Value.AnyOf, schema.Value.OneOf) {
		list = append(list, variants(inner)...)
	}
	return list
}
