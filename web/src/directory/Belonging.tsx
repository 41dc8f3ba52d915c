import { Badge, Button, Card, Field, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { useNotify } from '../ui/notify'
import { Loaded, Loading } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { OrganizationFinder } from './Finder'
import { useMembershipActions, useMembershipsOf, wholeOf, type Whole } from './memberships'
import { useOrganizationNames } from './organizations'
import { useDirectoryPaths } from './paths'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  list: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    margin: 0,
    padding: 0,
    listStyleType: 'none',
  },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  name: { minWidth: 0, overflowWrap: 'anywhere', marginRight: 'auto' },
})

/** The organizations or teams of a person. */
export function Belonging({ whole, user, mayChange }: { whole: Whole; user: User; mayChange: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const paths = useDirectoryPaths()
  const memberships = useMembershipsOf(whole, user.id)
  const { join, leave, makeDefault } = useMembershipActions(whole)
  const { data: teams = [] } = useGroups()
  const ids = memberships.data?.map(wholeOf) ?? []
  const organizations = useOrganizationNames(whole === 'organization' ? ids : [])
  const nameOf = (id: number) =>
    (whole === 'organization' ? organizations.get(id) : teams.find((team) => team.id === id)?.name) ?? `#${id}`
  const pathOf = (id: number) => {
    if (whole === 'organization') return paths.organization(id)
    return paths.inAdmin ? `/admin/teams/${id}` : undefined
  }
  const done = (what: Promise<unknown>) => what.then(() => notify.done(t('state.saved')), notify.failed)
  const others = teams.filter((team) => !ids.includes(team.id))
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t(`belonging.title.${whole}`)}</Subtitle2>
      <Text>{t(`belonging.why.${whole}`)}</Text>
      <Loaded query={memberships} loading={<Loading rows={2} />}>
        {(list) => (
          <ul className={styles.list}>
            {list.map((one) => {
              const id = wholeOf(one)
              const [name, path] = [nameOf(id), pathOf(id)]
              return (
                <li key={one.id} className={styles.row}>
                  <span className={styles.name}>{path ? <TextLink to={path}>{name}</TextLink> : name}</span>
                  {one.default && <Badge appearance="outline">{t('member.default')}</Badge>}
                  {!one.default && mayChange && (
                    <Button
                      size="small"
                      aria-label={t('belonging.make_default_of', { name })}
                      onClick={() => void done(makeDefault(user.id, id))}
                    >
                      {t('belonging.make_default')}
                    </Button>
                  )}
                  {mayChange && (
                    <Button
                      size="small"
                      aria-label={t('identity.remove_of', { value: name })}
                      onClick={() => void done(leave(user.id, id))}
                    >
                      {t('identity.remove')}
                    </Button>
                  )}
                </li>
              )
            })}
            {list.length === 0 && <li>{t(`belonging.none.${whole}`)}</li>}
          </ul>
        )}
      </Loaded>
      {mayChange && whole === 'organization' && (
        <OrganizationFinder label={t('belonging.add.organization')} onChosen={(id) => void done(join(user.id, id))} />
      )}
      {mayChange && whole === 'group' && others.length > 0 && (
        <Field label={t('belonging.add.group')}>
          <Select value="" onChange={(_, { value }) => value && void done(join(user.id, Number(value)))}>
            <option value="">{t('belonging.choose_team')}</option>
            {others.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </Card>
  )
}
