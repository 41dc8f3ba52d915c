// Package text knows how words are compared, whatever the language: in one
// form without width, case and accents ([Fold], [Words]), so that what is
// searched and what is found agree everywhere: in the index, in lists, in
// triggers and in what a page highlights.
//
// Languages with spaces have words. Japanese, Chinese, Korean and Thai are cut
// into pairs of neighbouring characters instead: 返品交換 becomes 返品 品交 交換 換,
// each at its place, so that any part of it, from one character on, is found as
// a word, as the beginning of one, or as several in a row.
package text
