// Package csvfile reads tables that people saved from a spreadsheet, and makes
// cells fit to be opened in one.
//
// What a spreadsheet saves depends on its version and its owner's language:
// Excel in Japan writes Windows-31J with commas, in Brazil Windows-1252 with
// semicolons, and "Unicode text" is UTF-16 with tabs. [Read] finds out which it
// is and tells what it assumed; a person may say otherwise.
//
// A cell that a spreadsheet would take for a formula is written with an
// apostrophe before it ([Escape]) and read without it ([Unescape]), so that
// what was exported comes back as it was.
package csvfile
