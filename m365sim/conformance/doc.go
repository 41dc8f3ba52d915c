// Package conformance holds traffic with Microsoft Graph against Microsoft's
// own description of it, an OpenAPI document that is not part of this
// repository. Put between a client and the simulator it judges both at once:
// the client's requests (path, method, query options, body) and the
// simulator's answers (status, body). Items of a $batch are judged one by one.
//
// The document allows more than the service does, since most properties are
// optional and types are open. So the checker also complains of members whose
// names the document does not know.
package conformance
