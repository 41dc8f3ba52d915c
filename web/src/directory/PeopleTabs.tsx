import { useTranslation } from 'react-i18next'
import { TabLinks } from '../ui/TabLinks'

/** Who works here, who writes to them, and who was deleted. */
export function PeopleTabs({ here }: { here: 'working' | 'requesters' | 'deleted' }) {
  const { t } = useTranslation()
  return (
    <TabLinks
      label={t('admin.people')}
      here={here}
      tabs={[
        { id: 'working', to: '/admin/people', name: t('people.working') },
        { id: 'requesters', to: '/admin/people?role=end-user', name: t('people.requesters') },
        { id: 'deleted', to: '/admin/people/deleted', name: t('people.deleted') },
      ]}
    />
  )
}
