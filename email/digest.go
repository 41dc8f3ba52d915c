package email

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/directory"
)

// SendDigest tells the administrators of new suspended mail. A schedule asks
// for it every hour: each gets theirs in their own morning.
type SendDigest struct{}

// Kind names the job.
func (SendDigest) Kind() string { return "email.send_digest" }

// digestHour is when the digest leaves, by the administrator's own clock.
const digestHour = 8

// SendDigest works a SendDigest job. pages is where the browser application
// lies; empty when that is not known.
func (s *SuspendedMail) SendDigest(ctx context.Context, pages string) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		policy, err := tx.GetPolicy(ctx)
		if err != nil || !policy.Digest {
			return err
		}
		counts, err := tx.CountSuspendedSince(ctx, s.now().Add(-24*time.Hour))
		if err != nil || len(counts) == 0 {
			return err
		}
		admins, err := tx.ListUsers(ctx, directory.UserFilter{Roles: []directory.Role{directory.Admin}})
		if err != nil {
			return err
		}
		for _, u := range admins {
			local := s.now().In(zoneOf(u))
			if u.Suspended || local.Hour() != digestHour {
				continue
			}
			n := digest(u, counts, policy, pages)
			n.Key = fmt.Sprintf("suspended-digest:%d:%s", u.ID, local.Format(time.DateOnly))
			if _, err := s.sender.Notify(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("send the digest of suspended mail: %w", err)
	}
	return nil
}

// zoneOf is where a person lives; UTC when nobody has said.
func zoneOf(u *directory.User) *time.Location {
	zone, err := time.LoadLocation(u.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// digest writes the mail in the person's language.
func digest(u *directory.User, counts map[Cause]int, p Policy, pages string) Notification {
	words := digestWords(languageOf(u))
	total := 0
	var causes []Cause
	for cause, n := range counts {
		total += n
		causes = append(causes, cause)
	}
	slices.SortFunc(causes, func(a, b Cause) int {
		return cmp.Or(counts[b]-counts[a], slices.Index(Causes, a)-slices.Index(Causes, b))
	})
	var text strings.Builder
	fmt.Fprintf(&text, words.opening+"\n\n", total)
	for _, cause := range causes {
		fmt.Fprintf(&text, "%s: %d\n", words.causes[cause], counts[cause])
	}
	fmt.Fprintf(&text, "\n"+words.closing+"\n", p.RetentionDays)
	if pages != "" {
		text.WriteString("\n" + pages + "/admin/suspended\n")
	}
	return Notification{
		To: []Party{{Name: u.Name, Email: u.Email}}, Subject: fmt.Sprintf(words.subject, total), Text: text.String(), Reason: "digest",
	}
}

// digestText is the digest in one language.
type digestText struct {
	subject, opening, closing string // with one number each
	causes                    map[Cause]string
}

// languageOf is a person's language without its region; English when nobody has said.
func languageOf(u *directory.User) string {
	language, _, _ := strings.Cut(u.Locale, "-")
	return cmp.Or(language, "en")
}

func digestWords(language string) digestText {
	switch language {
	case "ja":
		return digestText{
			subject: "一時停止中のメール: %d 件",
			opening: "過去 24 時間に %d 件のメールが一時停止され、チケットになっていません。理由は次のとおりです。",
			closing: "一時停止中のメールは %d 日後に削除されます。必要なものは、それまでに復元してください。",
			causes: map[Cause]string{
				CauseBlocked: "ブロックした差出人", CauseForged: "送信者認証の失敗", CauseBlank: "本文なし", CauseOwnAddress: "自社のサポートアドレスから",
				CauseMailSystem: "メールシステムから", CauseNoReply: "返信できないアドレスから", CauseAutoReply: "自動応答", CauseAutomatic: "自動送信の通知",
				CauseReport: "照合できない配信不能通知", CauseBulk: "メールマガジン・メーリングリスト", CauseLoop: "1 時間あたりの上限を超過", CauseManyReceived: "宛先が多すぎる",
			},
		}
	case "pt":
		return digestText{
			subject: "E-mails suspensos: %d",
			opening: "Nas últimas 24 horas, %d e-mails foram suspensos e não viraram tickets. Os motivos:",
			closing: "E-mails suspensos são excluídos após %d dias. Recupere antes disso o que importa.",
			causes: map[Cause]string{
				CauseBlocked: "Remetente bloqueado", CauseForged: "Falha na autenticação do remetente", CauseBlank: "Em branco", CauseOwnAddress: "De um endereço de suporte próprio",
				CauseMailSystem: "De um sistema de e-mail", CauseNoReply: "De um endereço que não aceita respostas", CauseAutoReply: "Resposta automática", CauseAutomatic: "Notificação automática",
				CauseReport: "Aviso de devolução sem e-mail correspondente", CauseBulk: "Boletim ou lista de e-mails", CauseLoop: "Acima do limite por hora", CauseManyReceived: "Destinatários demais",
			},
		}
	}
	return digestText{
		subject: "Suspended mail: %d",
		opening: "In the last 24 hours %d mails were suspended and did not become tickets. The reasons:",
		closing: "Suspended mail is deleted after %d days. Recover what matters before.",
		causes: map[Cause]string{
			CauseBlocked: "Sender is blocked", CauseForged: "Sender could not be authenticated", CauseBlank: "Blank", CauseOwnAddress: "From one of our own addresses",
			CauseMailSystem: "From a mail system", CauseNoReply: "From an address that takes no answers", CauseAutoReply: "Automatic answer", CauseAutomatic: "Automatic notification",
			CauseReport: "Bounce of an unknown mail", CauseBulk: "Newsletter or mailing list", CauseLoop: "Above the limit per hour", CauseManyReceived: "Too many recipients",
		},
	}
}
