import {
  Badge,
  Button,
  Card,
  Field,
  Input,
  makeStyles,
  Select,
  Spinner,
  Subtitle2,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import type { Group } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { TeamIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Empty, Loaded } from '../ui/states'
import { Members } from './Members'
import { useTeam, useTeamActions, useTeamUse } from './teams'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  button: { alignSelf: 'flex-start' },
  move: { marginTop: tokens.spacingVerticalL },
})

/** One team: what it is called, and who is in it. */
export function TeamPage() {
  const { t } = useTranslation()
  const id = Number(useParams().id)
  const team = useTeam(id)
  const back = { to: '/admin/teams', label: t('admin.teams') }
  return (
    <Loaded query={team}>
      {(data) =>
        data.deleted ? (
          <Page title={data.name} back={back} slim>
            <Empty icon={<TeamIcon />} title={t('team.gone')} />
          </Page>
        ) : (
          <Page
            title={data.name}
            lead={data.default && <Badge appearance="outline">{t('team.default_hint')}</Badge>}
            back={back}
            slim
          >
            <Particulars key={data.updated_at} team={data} />
            <Members key={id} whole="group" id={id} name={data.name} mayChange={() => true} />
            <Deletion team={data} />
          </Page>
        )
      }
    </Loaded>
  )
}

function Particulars({ team }: { team: Group }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { save } = useTeamActions()
  const notify = useNotify()
  const [name, setName] = useState(team.name)
  const [description, setDescription] = useState(team.description)
  const [error, setError] = useState<unknown>()
  const keep = async (change: Parameters<typeof save>[1]) => {
    setError(undefined)
    try {
      await save(team.id, change)
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void keep({ name: name.trim(), description })
  }
  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={submit}>
        <ProblemBar error={error} />
        <Field label={t('team.name')} required>
          <Input value={name} onChange={(_, data) => setName(data.value)} />
        </Field>
        <Field label={t('team.description')}>
          <Textarea rows={2} value={description} onChange={(_, data) => setDescription(data.value)} />
        </Field>
        <div className={styles.buttons}>
          <Button
            type="submit"
            appearance="primary"
            disabled={!name.trim() || (name === team.name && description === team.description)}
          >
            {t('action.save')}
          </Button>
          {!team.default && <Button onClick={() => void keep({ default: true })}>{t('team.make_default')}</Button>}
        </div>
      </form>
    </Card>
  )
}

function Deletion({ team }: { team: Group }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [asking, setAsking] = useState(false)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('team.delete')}</Subtitle2>
      <Text>{t('team.delete_why')}</Text>
      <Button className={styles.button} onClick={() => setAsking(true)}>
        {t('team.delete')}
      </Button>
      {asking && <DeleteDialog team={team} onClose={() => setAsking(false)} />}
    </Card>
  )
}

/** Says where the team is used, and asks where its tickets go. */
function DeleteDialog({ team, onClose }: { team: Group; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { remove } = useTeamActions()
  const navigate = useNavigate()
  const notify = useNotify()
  const { data: teams = [] } = useGroups()
  const { data: use } = useTeamUse(team.id)
  const [to, setTo] = useState('none')
  return (
    <ConfirmDialog
      title={t('team.delete_title', { name: team.name })}
      confirm={t('action.delete')}
      name={team.name}
      onConfirm={async () => {
        await remove(team.id, to)
        notify.done(t('team.deleted', { name: team.name }))
        await navigate('/admin/teams')
      }}
      onClose={onClose}
    >
      {use ? (
        <>
          <Text block>{t('team.used_members', { count: use.members })}</Text>
          <Text block>{t('team.used_tickets', { count: use.tickets })}</Text>
          {use.organizations > 0 && <Text block>{t('team.used_organizations', { count: use.organizations })}</Text>}
          {use.trigger_ids.length > 0 && (
            <Text block>{t('team.used_triggers', { count: use.trigger_ids.length })}</Text>
          )}
          {use.tickets > 0 && (
            <Field label={t('team.move_to')} className={styles.move}>
              <Select value={to} onChange={(_, data) => setTo(data.value)}>
                <option value="none">{t('team.no_team')}</option>
                {teams
                  .filter((other) => other.id !== team.id)
                  .map((other) => (
                    <option key={other.id} value={other.id}>
                      {other.name}
                    </option>
                  ))}
              </Select>
            </Field>
          )}
        </>
      ) : (
        <Spinner size="tiny" />
      )}
    </ConfirmDialog>
  )
}
