import { Card, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Role, User, UserChange } from '../api/types'
import { languageNames, languages } from '../i18n'
import { useMe } from '../session/queries'
import { Facts } from '../ui/Facts'
import { Time } from '../ui/Time'
import { CommonFields, ParticularsForm, useChanges } from './Particulars'
import { useDirectory } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  pair: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(200px, 1fr))',
    alignItems: 'start', // the hint of one field does not push the boxes of its row down
    gap: tokens.spacingHorizontalL,
  },
})

const roles: Role[] = ['agent', 'admin', 'end-user']

/** The options of a list, with what is chosen although it is not among them. */
const withChosen = (options: readonly string[], chosen: string) =>
  !chosen || options.includes(chosen) ? options : [...options, chosen]

/** What is known of a person, to change. */
export function PersonParticulars({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const { changeUser } = useDirectory()
  const { now, changes, changed, change } = useChanges<UserChange, User>(user, {})
  const works = user.role !== 'end-user'
  const own = user.id === me.id
  return (
    <Card className={styles.card}>
      <ParticularsForm complete={Boolean(now.name?.trim()) && changed} onSave={() => changeUser(user.id, changes)}>
        <Field label={t('people.name')} required>
          <Input value={now.name} onChange={(_, data) => change({ name: data.value })} />
        </Field>
        <Field label={t('people.role')} hint={own ? t('people.own_role') : t(`role_hint.${now.role}`)}>
          <Select
            value={now.role}
            disabled={own || me.role !== 'admin'}
            onChange={(_, data) => change({ role: data.value as Role })}
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </Select>
        </Field>
        <div className={styles.pair}>
          <Field label={t('person.phone')} hint={t('person.phone_hint')}>
            <Input type="tel" value={now.phone ?? ''} onChange={(_, data) => change({ phone: data.value })} />
          </Field>
          {works && (
            <Field label={t('person.alias')} hint={t('person.alias_hint')}>
              <Input value={now.alias ?? ''} onChange={(_, data) => change({ alias: data.value })} />
            </Field>
          )}
        </div>
        <div className={styles.pair}>
          <Field label={t('profile.language')}>
            <Select value={now.locale} onChange={(_, data) => change({ locale: data.value })}>
              <option value="">{t('person.unknown')}</option>
              {withChosen(languages, user.locale).map((one) => (
                <option key={one} value={one} lang={one}>
                  {languageNames[one as keyof typeof languageNames] ?? one}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t('person.time_zone')}>
            <Select value={now.time_zone} onChange={(_, data) => change({ time_zone: data.value })}>
              <option value="">{t('person.unknown')}</option>
              {withChosen(Intl.supportedValuesOf('timeZone'), user.time_zone).map((one) => (
                <option key={one} value={one}>
                  {one.replaceAll('_', ' ')}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <CommonFields
          now={now}
          detailsHint={t('person.details_hint')}
          tagsHint={t('person.tags_hint')}
          onChange={change}
        />
      </ParticularsForm>
      <Facts
        facts={[
          [t('sign_in.email'), user.email],
          [t('ticket.created'), <Time at={user.created_at} />],
          [t('ticket.updated'), <Time at={user.updated_at} />],
          works && [t('people.last_login'), <Time at={user.last_login_at} none={t('people.never')} />],
        ]}
      />
    </Card>
  )
}

/** What agents see of a colleague. */
export function PersonFacts({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <Card className={styles.card}>
      <Facts
        facts={[
          [t('people.role'), t(`role.${user.role}`)],
          [t('sign_in.email'), user.email],
          Boolean(user.phone) && [t('person.phone'), user.phone],
          Boolean(user.alias) && [t('person.alias'), user.alias],
          Boolean(user.time_zone) && [t('person.time_zone'), user.time_zone.replaceAll('_', ' ')],
          Boolean(user.details) && [t('person.details'), user.details],
          Boolean(user.notes) && [t('person.notes'), user.notes],
          user.tags.length > 0 && [t('ticket.tags'), user.tags.join(', ')],
        ]}
      />
    </Card>
  )
}
