import {
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Spinner,
  Subtitle2,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import type { Organization, OrganizationChange } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { KeyedFields } from './fields/KeyedFields'
import { Members } from './Members'
import { splitDomains, useOrganization, useOrganizationActions, useOrganizationRelated } from './organizations'
import { useDirectoryPaths } from './paths'
import { CommonFields, ParticularsForm, useChanges } from './Particulars'
import { TicketsCard } from './TicketsCard'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** One organization: what is known of it, its people, its tickets. Agents see it too, and write its notes. */
export function OrganizationPage() {
  const { t } = useTranslation()
  const me = useMe()
  const id = Number(useParams().id)
  const { inAdmin } = useDirectoryPaths()
  const { save } = useOrganizationActions()
  const organization = useOrganization(id)
  return (
    <Loaded query={organization}>
      {(data) => (
        <Page
          title={data.name}
          lead={data.domain_names.join(', ')}
          back={inAdmin ? { to: '/admin/organizations', label: t('admin.organizations') } : undefined}
          slim
        >
          {me.role === 'admin' ? (
            <Particulars key={data.updated_at} organization={data} />
          ) : (
            <Overview key={data.updated_at} organization={data} />
          )}
          {me.role === 'admin' && (
            <KeyedFields
              owner="organization"
              values={data.organization_fields}
              onSave={(organization_fields) => save(id, { organization_fields })}
            />
          )}
          <Members
            key={id}
            whole="organization"
            id={id}
            name={data.name}
            mayChange={(user) => me.role === 'admin' || user.role === 'end-user'}
          />
          <TicketsCard
            title={t('organization.tickets')}
            none={t('organization.no_tickets')}
            filter={{ organization_id: id }}
            search={`organization:"${data.name}"`}
          />
          {me.role === 'admin' && <Deletion organization={data} />}
        </Page>
      )}
    </Loaded>
  )
}

function Particulars({ organization }: { organization: Organization }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { save } = useOrganizationActions()
  const { data: teams = [] } = useGroups()
  const { now, changes, changed, change } = useChanges<OrganizationChange, Organization>(organization, {})
  const [domains, setDomains] = useState(organization.domain_names.join(', '))
  return (
    <Card className={styles.card}>
      <ParticularsForm complete={now.name.trim() !== '' && changed} onSave={() => save(organization.id, changes)}>
        <Field label={t('organization.name')} required>
          <Input value={now.name} onChange={(_, data) => change({ name: data.value })} />
        </Field>
        <Field label={t('organization.domains')} hint={t('organization.domains_hint')}>
          <Textarea
            rows={2}
            value={domains}
            onChange={(_, data) => {
              setDomains(data.value)
              change({ domain_names: splitDomains(data.value) })
            }}
          />
        </Field>
        {organization.free_mail_domains.length > 0 && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {t('organization.free_mail', { domains: organization.free_mail_domains.join(', ') })}
            </MessageBarBody>
          </MessageBar>
        )}
        <Field label={t('organization.team')} hint={t('organization.team_hint')}>
          <Select
            value={now.group_id ?? ''}
            onChange={(_, { value }) => change({ group_id: value ? Number(value) : null })}
          >
            <option value="">{t('team.no_team')}</option>
            {teams.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </Select>
        </Field>
        <CommonFields
          now={now}
          detailsHint={t('organization.details_hint')}
          tagsHint={t('organization.tags_hint')}
          onChange={change}
        />
        <Field label={t('organization.sharing')} hint={t('organization.sharing_hint')}>
          <div role="group">
            <Checkbox
              label={t('organization.shared_tickets')}
              checked={now.shared_tickets}
              onChange={(_, data) => change({ shared_tickets: data.checked === true })}
            />
            <Checkbox
              label={t('organization.shared_comments')}
              checked={now.shared_comments}
              onChange={(_, data) => change({ shared_comments: data.checked === true })}
            />
          </div>
        </Field>
      </ParticularsForm>
      <Facts
        facts={[
          [t('ticket.created'), <Time at={organization.created_at} />],
          [t('ticket.updated'), <Time at={organization.updated_at} />],
        ]}
      />
    </Card>
  )
}

/** What agents see of an organization: they write its notes, and read the rest. */
function Overview({ organization }: { organization: Organization }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { save } = useOrganizationActions()
  const { data: teams = [] } = useGroups()
  const [notes, setNotes] = useState(organization.notes)
  const team = teams.find((one) => one.id === organization.group_id)?.name
  return (
    <Card className={styles.card}>
      <Facts
        facts={[
          Boolean(organization.details) && [t('person.details'), organization.details],
          Boolean(team) && [t('organization.team'), team],
          organization.tags.length > 0 && [t('ticket.tags'), organization.tags.join(', ')],
          Boolean(organization.external_id) && [t('person.external_id'), organization.external_id],
          [t('ticket.created'), <Time at={organization.created_at} />],
          [t('ticket.updated'), <Time at={organization.updated_at} />],
        ]}
      />
      <ParticularsForm complete={notes !== organization.notes} onSave={() => save(organization.id, { notes })}>
        <Field label={t('person.notes')} hint={t('person.notes_hint')}>
          <Textarea rows={3} value={notes} onChange={(_, data) => setNotes(data.value)} />
        </Field>
      </ParticularsForm>
    </Card>
  )
}

function Deletion({ organization }: { organization: Organization }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { remove } = useOrganizationActions()
  const navigate = useNavigate()
  const notify = useNotify()
  const [asking, setAsking] = useState(false)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('organization.delete')}</Subtitle2>
      <Text>{t('organization.delete_why')}</Text>
      <Button className={styles.button} onClick={() => setAsking(true)}>
        {t('organization.delete')}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('organization.delete_title', { name: organization.name })}
          confirm={t('action.delete')}
          name={organization.name}
          onConfirm={async () => {
            await remove(organization.id)
            notify.done(t('organization.deleted', { name: organization.name }))
            await navigate('/admin/organizations')
          }}
          onClose={() => setAsking(false)}
        >
          <Affected id={organization.id} />
        </ConfirmDialog>
      )}
    </Card>
  )
}

/** Counts whom and what the deletion touches. */
function Affected({ id }: { id: number }) {
  const { t } = useTranslation()
  const { data } = useOrganizationRelated(id)
  if (!data) return <Spinner size="tiny" />
  return (
    <>
      <Text block>{t('organization.delete_people', { count: data.users_count })}</Text>
      <Text block>{t('organization.delete_tickets', { count: data.tickets_count })}</Text>
    </>
  )
}
