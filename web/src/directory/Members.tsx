import {
  Badge,
  Button,
  Card,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { Face } from '../ui/Face'
import { FilterInput } from '../ui/FilterInput'
import { MoreIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Pager } from '../ui/Pager'
import { Loaded } from '../ui/states'
import { PersonFinder } from './Finder'
import { membersPerPage, useMembers, useMembershipActions, type Whole } from './memberships'
import { useDirectoryPaths } from './paths'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  person: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minWidth: 0 },
})

/** The people of an organization or a team: who they are, who joins, who leaves. */
export function Members({
  whole,
  id,
  name,
  mayChange,
}: {
  whole: Whole
  id: number
  name: string
  mayChange: (user: User) => boolean
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const paths = useDirectoryPaths()
  const { join, leave, makeDefault } = useMembershipActions(whole)
  const [query, setQuery] = useState('')
  const [page, setPage] = useState(1)
  const members = useMembers(whole, id, query, page)
  const done = (what: Promise<unknown>, sentence: string) => what.then(() => notify.done(sentence), notify.failed)
  const isDefault = (user: User) => (whole === 'organization' ? user.organization_id : user.default_group_id) === id
  const called = (user: User) => user.name || user.email

  const columns: Column<User>[] = [
    {
      id: 'name',
      label: t('people.name'),
      cell: (user) => (
        <span className={styles.person}>
          <Face name={called(user)} small />
          <RowLink to={paths.person(user.id)}>{called(user)}</RowLink>
          {isDefault(user) && (
            <Badge appearance="outline" size="small" title={t(`member.default_of.${whole}`)}>
              {t('member.default')}
            </Badge>
          )}
        </span>
      ),
      second: (user) => user.email,
    },
    { id: 'email', label: t('sign_in.email'), width: '42%', hide: 'narrow', cell: (user) => user.email },
    {
      id: 'actions',
      label: t('table.actions'),
      width: '84px',
      cell: (user) =>
        mayChange(user) && (
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button
                appearance="subtle"
                size="small"
                icon={<MoreIcon />}
                aria-label={t('member.more', { name: called(user) })}
              />
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                {!isDefault(user) && (
                  <MenuItem onClick={() => void done(makeDefault(user.id, id), t('state.saved'))}>
                    {t(`member.make_default.${whole}`)}
                  </MenuItem>
                )}
                <MenuItem onClick={() => void done(leave(user.id, id), t('member.left', { who: called(user), name }))}>
                  {t('member.remove')}
                </MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        ),
    },
  ]
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('member.title')}</Subtitle2>
      <Text>{t(`member.why.${whole}`)}</Text>
      <PersonFinder
        label={t(`member.add.${whole}`)}
        roles={whole === 'group' ? ['agent', 'admin'] : undefined}
        onChosen={(user) => void done(join(user, id), t('state.saved'))}
      />
      <Loaded query={members}>
        {({ users, count = 0 }) => (
          <>
            {(count > membersPerPage || query) && (
              <FilterInput
                label={t('people.search')}
                value={query}
                onValue={(value) => {
                  setPage(1)
                  setQuery(value)
                }}
              />
            )}
            {users.length === 0 ? (
              <Text>{query ? t('people.none') : t(`member.none.${whole}`)}</Text>
            ) : (
              <DataTable label={t('member.title')} columns={columns} rows={users} href={(user) => paths.person(user.id)} />
            )}
            <Pager page={page} perPage={membersPerPage} count={count} onPage={setPage} />
          </>
        )}
      </Loaded>
    </Card>
  )
}
