package eml

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The nine ways in which mail from Japan reaches a help desk and is commonly
// ruined. The wave dash of code page 932 is U+FF5E, as in browsers.
func TestJapaneseMailIsReadable(t *testing.T) {
	tests := []struct {
		file, from, subject, text string
		files                     []string
	}{
		{file: "e1-iso2022jp-nec-row13", from: "山田 花子",
			subject: "①㈱山田商事 お見積のご依頼について",
			text:    "㈱山田商事の山田です。\n① 見積書をお送りください。\n② 納期を教えてください。\n℡ 03-1234-5678"},
		{file: "e2-jis-without-charset", from: "Hanako",
			subject: "文字コードの指定がない本文",
			text:    "この本文には文字コードの指定がありません。\n返品をお願いします。"},
		{file: "e3-cp932", from: "Hanako",
			subject: "㈱髙橋①～⑩号の納品",
			text:    "㈱髙橋製作所の髙橋です。\n部品①～⑩を納品しました。ソ、表、能も読めますか。"},
		{file: "e4-raw-jis-subject", from: "鈴木 一郎",
			subject: "件名が生のＪＩＳです(至急)",
			text:    "件名と差出人は符号化されていません。"},
		{file: "e5-utf8-split-inside-character", from: "Hanako",
			subject: "長い件名は文字の途中で分割されます",
			text:    "分割された件名も読めます。"},
		{file: "e6-attachment-names", from: "Hanako",
			subject: "添付ファイルの名前",
			text:    "二つの添付をご確認ください。",
			files:   []string{"御見積書①.pdf", "納品書と請求書の控え㈱.xlsx"}},
		{file: "e7-halfwidth-kana", from: "Hanako",
			subject: "ﾊﾝｶｸｶﾅの件名",
			text:    "ﾔﾏﾀﾞ ﾊﾅｺ様\nご注文ﾊﾞﾝｺﾞｳは123です。"},
		{file: "e8-iso-2022-jp-ms", from: "Hanako",
			subject: "髙島屋①の件",
			text:    "髙島様\n\n㈱山田商事Ⅲの件です。"},
		{file: "e9-lying-meta-charset", from: "Hanako",
			subject: "HTMLの本文",
			text:    "本文はUTF-8です。"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", tt.file+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			mail := parseFixture(t, raw)
			var files []string
			for _, p := range mail.Parts {
				files = append(files, p.FileName)
			}
			got := []any{mail.From[0].Name, mail.Subject, mail.Text, files}
			want := []any{tt.from, tt.subject, tt.text, tt.files}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("name, subject, text, files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCharsetNames(t *testing.T) {
	kanji := "日本"
	tests := []struct {
		bytes  string
		labels []string
	}{
		{"\x1b$BF|K\\\x1b(B", []string{"ISO-2022-JP", "iso-2022-jp-1", "ISO-2022-JP-2004", "csISO2022JP", "cp50220", "CP50221", "x-windows-50221", `"iso-2022-jp"`, "iso-2022-jp (JIS)"}},
		{"\x93\xfa\x96{", []string{"Shift_JIS", "x-sjis", "Windows-31J", "cp932", "MS_Kanji", "SJIS", "ms932"}},
		{"\xc6\xfc\xcb\xdc", []string{"EUC-JP", "x-euc-jp", "ujis", "eucJP-ms", "cp51932"}},
		{kanji, []string{"utf-8", "UTF8", "utf8mb4", "'utf-8'", "cp65001"}},
		{"\xc8\xd5\xb1\xbe", []string{"gb2312", "GBK", "cp936", "gb18030"}},
		{"\x65\xe5\x67\x2c", []string{"utf-16be"}},
		{"+ZeVnLA-", []string{"UTF-7", "unicode-1-1-utf-7"}},
	}
	for _, tt := range tests {
		for _, label := range tt.labels {
			if got, defect := decodeText([]byte(tt.bytes), label); got != kanji || defect != "" {
				t.Errorf("%s: %q, defect %q", label, got, defect)
			}
		}
	}
}

func TestCharsetIsGuessedFromTheBytes(t *testing.T) {
	tests := []struct{ name, bytes, want string }{
		{"utf-8", "返品", "返品"},
		{"jis", "\x1b$BJVIJ\x1b(B", "返品"},
		{"shift_jis kanji only", "\x95\xd4\x95i", "返品"},
		{"shift_jis with kana", "\x82\xb1\x82\xea\x82\xcd", "これは"},
		{"euc-jp", "\xa4\xb3\xa4\xec\xa4\xcf", "これは"},
		{"french", "pr\xe9f\xe9rence tr\xe8s sp\xe9ciale", "préférence très spéciale"},
		{"portuguese capitals", "ATEN\xc7\xc3O: INFORMA\xc7\xd5ES", "ATENÇÃO: INFORMAÇÕES"},
		{"german", "Gr\xfc\xdfe aus K\xf6ln", "Grüße aus Köln"},
		{"one damaged character", "返品のご\xe4連絡です", "返品のご\ufffd連絡です"},
	}
	for _, tt := range tests {
		if got := guessText([]byte(tt.bytes), ""); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := guessText([]byte("\xea\xee\xf2"), "windows-1251"); got != "кот" {
		t.Errorf("with a hint: %q", got)
	}
}

func TestDecodeHeader(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Hello", "Hello"},
		{"q with language", "=?iso-8859-1*fr?q?d=E9j=E0_vu?=", "déjà vu"},
		{"blank between words is no text", "=?utf-8?q?a?=  =?utf-8?q?b?= c", "ab c"},
		{"words of two charsets", "=?utf-8?q?=C3=A9?= =?iso-8859-1?q?=E9?=", "éé"},
		{"glued to text", "Re:=?utf-8?B?6L+U5ZOB?=です", "Re:返品です"},
		{"base64 without padding", "=?utf-8?B?6L+U5ZM?==?utf-8?B?gQ?=", "返品"},
		{"no end", "=?utf-8?B?6L+U5ZOB", "返品"},
		{"blanks in a word", "=?utf-8?Q?a b_c?=", "a b c"},
		{"unknown charset", "=?x-none?B?6L+U5ZOB?=", "返品"},
		{"not a word", "1 =? 2 ?= 3", "1 =? 2 ?= 3"},
		{"jis word that stays in kanji", "=?iso-2022-jp?B?GyRCSlY=?= =?iso-2022-jp?B?SUobKEI=?=", "返品"},
		{"lines and controls", "a\r\n\tb\x00\x07c", "a  bc"},
		{"raw jis", "\x1b$BJVIJ\x1b(B", "返品"},
		{"raw utf-8", "返品", "返品"},
	}
	for _, tt := range tests {
		if got := DecodeHeader(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
