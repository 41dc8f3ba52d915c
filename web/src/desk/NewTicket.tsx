import { Card, Checkbox, Field, Input, makeStyles, mergeClasses, Select, tokens } from '@fluentui/react-components'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import type { Priority, TicketStatus } from '../api/types'
import type { FieldValue } from '../directory/fields/values'
import { useAddresses } from '../email/queries'
import { useMe } from '../session/queries'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { emptyText, hasContent, tokensOf, type Draft } from './draft'
import { AssigneeFields } from './AssigneeFields'
import { FollowersField } from './FollowersField'
import { DraftBars } from './DraftBars'
import { newTicket, useDraft } from './drafts'
import { looksLikeAddress, PeopleField, PersonBox } from './PeopleField'
import { createTicket, useTicket } from './queries'
import { SubmitButton } from './SubmitButton'
import { WritingArea } from './WritingArea'

const NewTicketFields = lazy(() => import('./TicketFields').then((m) => ({ default: m.NewTicketFields })))

const useStyles = makeStyles({
  card: { gap: tokens.spacingVerticalL, padding: tokens.spacingHorizontalXL },
  pair: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(200px, 1fr))',
    alignItems: 'start', // the hint of one field does not push the boxes of its row down
    gap: tokens.spacingHorizontalL,
    '& > *, & > * > *, & select': { minWidth: 0 }, // a long name does not push its neighbour away
  },
  writing: {
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  note: { backgroundColor: tokens.colorPaletteMarigoldBackground1 },
})

const priorities: Priority[] = ['low', 'normal', 'high', 'urgent']

/** A ticket that an agent opens, by a mail to the requester or by a note alone. */
export function NewTicket() {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const me = useMe()
  const { data: addresses = [], error: noAddresses } = useAddresses()
  const { draft, edition, rival, trouble, loading, keeper, pictures } = useDraft(newTicket)
  const { requester, subject } = draft
  const [requesterName, setRequesterName] = useState('')
  const [known, setKnown] = useState(false)
  const [from, setFrom] = useState('')
  // No team: the assignee's own.
  const [whose, setWhose] = useState<{ team: number | null; assignee: number | null }>({ team: null, assignee: me.id })
  const [followers, setFollowers] = useState<number[]>([])
  const [priority, setPriority] = useState('')
  const [fields, setFields] = useState<Record<number, FieldValue>>({})
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const text = draft[draft.mode]
  const note = draft.mode === 'note'
  const complete = looksLikeAddress(requester) && subject.trim() !== '' && hasContent(text)
  const underWay = useRef(false)
  const change = (part: Partial<Draft>) => keeper.change((old) => ({ ...old, ...part }))
  const former = useFollowUp(!loading, ({ email, subject }) => {
    setKnown(true)
    // A draft for this requester is what was begun here before.
    if (requester !== email) change({ requester: email, subject })
  })

  const submit = async (status: TicketStatus) => {
    if (underWay.current || !complete || rival) return
    underWay.current = true
    setBusy(true)
    setError(undefined)
    await keeper.flush()
    const address = addresses.find((one) => one.email === from)
    try {
      const ticket = await createTicket({
        subject: subject.trim(),
        requester: { email: requester.trim(), name: requesterName.trim() || undefined },
        recipient: address?.email,
        brand_id: address?.brand_id,
        assignee_id: whose.assignee ?? undefined,
        group_id: whose.team ?? undefined,
        priority: priority || undefined,
        status,
        custom_fields: Object.entries(fields).map(([id, value]) => ({ id: Number(id), value })),
        email_ccs: note ? undefined : draft.ccs?.map((email) => ({ user_email: email })),
        followers: followers.map((user_id) => ({ user_id })),
        comment: { html_body: text.html, public: !note, uploads: tokensOf(text) },
        via_followup_source_id: former,
      })
      await keeper.sent(draft.mode, true)
      await queries.invalidateQueries({ queryKey: ['tickets'] })
      void navigate(`/tickets/${ticket.id}`)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
      underWay.current = false
    }
  }

  return (
    <Page title={t('shell.new_ticket')} slim back={{ to: '/tickets', label: t('shell.tickets') }}>
      <Card className={styles.card}>
        <ProblemBar error={error} onDismiss={() => setError(undefined)} />
        <ProblemBar error={noAddresses} />
        <DraftBars rival={rival} trouble={trouble} keeper={keeper} />
        <Field label={t('new_ticket.requester')} hint={t('new_ticket.requester_hint')} required>
          <PersonBox
            value={requester}
            onValue={(value) => {
              change({ requester: value })
              setKnown(false)
            }}
            onChosen={(email, user) => {
              change({ requester: email })
              setKnown(user !== undefined)
            }}
          />
        </Field>
        {!known && looksLikeAddress(requester) && (
          <Field label={t('new_ticket.requester_name')}>
            <Input value={requesterName} onChange={(_, data) => setRequesterName(data.value)} />
          </Field>
        )}
        <Field label={t('ticket.subject')} required>
          <Input value={subject} maxLength={500} onChange={(_, data) => change({ subject: data.value })} />
        </Field>
        <Field label={t('new_ticket.from')}>
          <Select
            value={from || (addresses.find((one) => one.default)?.email ?? '')}
            onChange={(_, data) => setFrom(data.value)}
          >
            {addresses.map((address) => (
              <option key={address.id} value={address.email}>
                {address.email}
              </option>
            ))}
          </Select>
        </Field>
        <div className={styles.pair}>
          <AssigneeFields
            {...whose}
            onChange={({ group_id, assignee_id }) =>
              // Who has it may be no member of another team.
              setWhose(
                group_id === undefined ? { ...whose, assignee: assignee_id ?? null } : { team: group_id, assignee: null },
              )
            }
          />
          <Field label={t('ticket.priority')}>
            <Select value={priority} onChange={(_, data) => setPriority(data.value)}>
              <option value="">–</option>
              {priorities.map((one) => (
                <option key={one} value={one}>
                  {t(`priority.${one}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Suspense>
            <NewTicketFields
              values={fields}
              error={error}
              onChange={(id, value) => setFields((old) => ({ ...old, [id]: value }))}
            />
          </Suspense>
        </div>
        <FollowersField
          ids={followers}
          size="medium"
          onSet={(id, follows) =>
            setFollowers((old) => (follows ? [...old, id] : old.filter((other) => other !== id)))
          }
        />
        {!note && (
          <Field label={t('composer.cc')}>
            <PeopleField
              emails={draft.ccs ?? []}
              names={new Map()}
              label={t('composer.add_cc')}
              size="medium"
              onChange={(emails) => change({ ccs: emails.length > 0 ? emails : undefined })}
            />
          </Field>
        )}
        <Checkbox
          label={t('new_ticket.note')}
          checked={note}
          onChange={(_, data) =>
            // What was written moves along: it is one text, only its readers change.
            keeper.change((old) =>
              data.checked
                ? { ...old, mode: 'note', note: old.reply, reply: emptyText }
                : { ...old, mode: 'reply', reply: old.note, note: emptyText },
            )
          }
        />
        <div className={mergeClasses(styles.writing, note && styles.note)}>
          <WritingArea
            draft={draft}
            edition={edition}
            pictures={pictures}
            busy={busy || loading}
            label={note ? t('composer.note_label') : t('new_ticket.message')}
            onText={(update) => keeper.change((old) => ({ ...old, [old.mode]: update(old[old.mode]) }))}
            onSubmit={() => void submit(note ? 'open' : 'pending')}
          >
            {(waits) => (
              <SubmitButton
                status={note ? 'open' : 'pending'}
                disabled={waits || !complete}
                onSubmit={(status) => void submit(status)}
              />
            )}
          </WritingArea>
        </div>
      </Card>
    </Page>
  )
}

/** Fills in who asked and what for, when the ticket continues a closed one; gives that one's number. */
function useFollowUp(ready: boolean, fill: (former: { email: string; subject: string }) => void) {
  const [search] = useSearchParams()
  const former = Number(search.get('follow_up')) || 0
  const { data } = useTicket(former, former > 0)
  const email = data?.users?.find((user) => user.id === data.ticket.requester_id)?.email
  const subject = data?.ticket.subject
  useEffect(() => {
    if (ready && email && subject) fill({ email, subject })
    // Once per former ticket; what the person then types stays.
  }, [ready, email, subject])
  return former || undefined
}
