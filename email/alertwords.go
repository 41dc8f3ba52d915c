package email

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tandem/tenant"
)

// alertText is what alerts say in one language. Names in braces stand for the
// alert's facts.
type alertText struct {
	subject, body map[string]string // by the alert's reason
	successor     string            // body of a credential that another one follows
	soon, day     string            // less than a day is left; one day
	days          string            // several, as a number
	date          string            // layout of an instant
}

// write gives subject and text of an alert; message and remedy are those of its
// trouble in this language.
func (w alertText) write(a tenant.Alert, message, remedy string) (subject, text string) {
	facts := []string{"{message}", message, "{remedy}", remedy}
	for name, value := range a.Facts {
		switch name {
		case tenant.FactDays:
			value = w.left(value)
		case tenant.FactExpires:
			if at, err := time.Parse(time.RFC3339, value); err == nil {
				value = at.UTC().Format(w.date)
			}
		}
		facts = append(facts, "{"+name+"}", value)
	}
	body := w.body[a.Reason]
	if a.Facts[tenant.FactSuccessor] != "" {
		body = w.successor
	}
	fill := strings.NewReplacer(facts...)
	return fill.Replace(w.subject[a.Reason]), fill.Replace(body)
}

func (w alertText) left(days string) string {
	switch n, _ := strconv.Atoi(days); n {
	case 0:
		return w.soon
	case 1:
		return w.day
	default:
		return fmt.Sprintf(w.days, n)
	}
}

func alertWords(language string) alertText {
	switch language {
	case "ja":
		return alertText{
			subject: map[string]string{
				tenant.CredentialRefused: "Microsoft が {tenant} での Tandem の接続を拒否しています",
				tenant.CredentialExpiry:  "{tenant} の資格情報「{credential}」は{days}に期限が切れます",
				connectionRefused:        "Microsoft がメールボックス {address} への Tandem の接続を拒否しています",
			},
			body: map[string]string{
				tenant.CredentialRefused: "{message}\n\n解決するまで {tenant} のメールボックスは読み取られず、返信は待機します。メールが失われることはありません。\n\n対処方法: {remedy}",
				tenant.CredentialExpiry: "{tenant} の資格情報「{credential}」は {expires} に期限が切れます。\n\nそれ以降、Tandem はこのテナントのメールを読み取ることも送信することもできません。\n\n" +
					"対処方法: Entra（アプリの登録 > 証明書とシークレット）で新しいクライアント シークレットまたは証明書を作成し、Tandem に追加してください。すぐに試され、途切れることなく切り替わります。その後、古いものを削除してください。",
				connectionRefused: "{message}\n\n解決するまでこのメールボックスは読み取られず、ここからの返信は待機します。メールが失われることはありません。\n\n対処方法: {remedy}",
			},
			successor: "{tenant} の資格情報「{credential}」は {expires} に期限が切れます。\n\n「{successor}」に自動で切り替わります。期限が切れたら、古い資格情報を削除してください。",
			soon:      "1 日以内", day: "1 日後", days: "%d 日後", date: "2006年1月2日 15:04 MST",
		}
	case "pt":
		return alertText{
			subject: map[string]string{
				tenant.CredentialRefused: "A Microsoft recusa o Tandem em {tenant}",
				tenant.CredentialExpiry:  "A credencial \"{credential}\" de {tenant} expira {days}",
				connectionRefused:        "A Microsoft recusa ao Tandem a caixa de correio {address}",
			},
			body: map[string]string{
				tenant.CredentialRefused: "{message}\n\nAté que isso seja resolvido, as caixas de correio de {tenant} não são lidas e as respostas aguardam. Nenhum e-mail se perde.\n\nO que fazer: {remedy}",
				tenant.CredentialExpiry: "A credencial \"{credential}\" de {tenant} expira em {expires}.\n\nDepois disso, o Tandem não poderá ler nem enviar os e-mails deste locatário.\n\n" +
					"O que fazer: crie um novo segredo do cliente ou certificado no Entra (Registros de aplicativo, Certificados e segredos) e adicione-o no Tandem. " +
					"Ele é testado na hora e assume sem pausa; depois, remova o antigo.",
				connectionRefused: "{message}\n\nAté que isso seja resolvido, a caixa de correio não é lida e as respostas dela aguardam. Nenhum e-mail se perde.\n\nO que fazer: {remedy}",
			},
			successor: "A credencial \"{credential}\" de {tenant} expira em {expires}.\n\n\"{successor}\" assume automaticamente. Remova a credencial antiga quando ela expirar.",
			soon:      "em menos de um dia", day: "em 1 dia", days: "em %d dias", date: "02/01/2006 15:04 MST",
		}
	}
	return alertText{
		subject: map[string]string{
			tenant.CredentialRefused: "Microsoft refuses Tandem in {tenant}",
			tenant.CredentialExpiry:  "The credential \"{credential}\" of {tenant} expires {days}",
			connectionRefused:        "Microsoft refuses Tandem the mailbox {address}",
		},
		body: map[string]string{
			tenant.CredentialRefused: "{message}\n\nMailboxes of {tenant} are not read, and replies wait, until this is mended. No mail is lost.\n\nWhat to do: {remedy}",
			tenant.CredentialExpiry: "The credential \"{credential}\" of {tenant} expires on {expires}.\n\nAfter that Tandem can neither read nor send the mail of this tenant.\n\n" +
				"What to do: make a new client secret or certificate in Entra (App registrations, Certificates & secrets) and add it in Tandem. " +
				"It is tried at once and takes over without a pause; then remove the old one.",
			connectionRefused: "{message}\n\nThe mailbox is not read, and replies from it wait, until this is mended. No mail is lost.\n\nWhat to do: {remedy}",
		},
		successor: "The credential \"{credential}\" of {tenant} expires on {expires}.\n\n\"{successor}\" takes over by itself. Remove the old credential when it has expired.",
		soon:      "in less than a day", day: "in 1 day", days: "in %d days", date: "2 January 2006 15:04 MST",
	}
}
