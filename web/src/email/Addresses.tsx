import { Badge, Button, makeStyles, Subtitle2, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Address, Brand } from '../api/types'
import { useBrands } from '../directory/queries'
import { duration } from '../i18n/format'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { AddIcon, AddressIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { ConnectionStatus } from './ConnectionStatus'
import { Destinations } from './Destinations'
import { OutboundDialog } from './OutboundDialog'
import { useAddresses } from './queries'

const useStyles = makeStyles({
  brand: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  name: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minWidth: 0 },
  badge: { flexShrink: 0 },
  text: { overflow: 'hidden', textOverflow: 'ellipsis' },
})

/** The addresses that customers write to, by brand. */
export function Addresses() {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const addresses = useAddresses()
  const { data: brands = [] } = useBrands()
  const [addingOutbound, setAddingOutbound] = useState(false)
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate('/admin/email/new')}>
      {t('addresses.add')}
    </Button>
  )
  const inbound = addresses.data?.filter((address) => !address.outbound) ?? []
  const actions = (
    <>
      {inbound.length > 0 && <Button onClick={() => setAddingOutbound(true)}>{t('outbound.add')}</Button>}
      {add}
    </>
  )
  return (
    <Page title={t('admin.email')} lead={t('addresses.lead')} actions={actions}>
      {addingOutbound && <OutboundDialog through={inbound} onClose={() => setAddingOutbound(false)} />}
      <Loaded query={addresses}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<AddressIcon />} title={t('addresses.none')} action={add}>
              {t('addresses.none_hint')}
            </Empty>
          ) : (
            byBrand(list, brands).map(({ name, addresses }) => (
              <section key={name} className={styles.brand}>
                <Subtitle2 as="h2">{name}</Subtitle2>
                <AddressTable label={t('addresses.of_brand', { brand: name })} addresses={addresses} />
              </section>
            ))
          )
        }
      </Loaded>
      {inbound.length > 1 && <Destinations />}
    </Page>
  )
}

function AddressTable({ label, addresses }: { label: string; addresses: Address[] }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const columns: Column<Address>[] = [
    {
      id: 'address',
      label: t('address.address'),
      cell: (address) => (
        <span className={styles.name}>
          <span className={styles.text} title={address.email}>
            <RowLink to={`/admin/email/addresses/${address.id}`} strong>
              {address.email}
            </RowLink>
          </span>
          {address.default && (
            <Badge className={styles.badge} appearance="outline" size="small">
              {t('address.default')}
            </Badge>
          )}
        </span>
      ),
      second: (address) => <ConnectionStatus connection={address.connection} />,
    },
    {
      id: 'type',
      label: t('address.type'),
      width: '160px',
      hide: 'medium',
      cell: (address) =>
        address.outbound
          ? t('outbound.only')
          : address.connection
            ? t(`connection.kind.${address.connection.kind}`)
            : '–',
    },
    {
      id: 'status',
      label: t('address.status'),
      width: '196px',
      hide: 'narrow',
      cell: (address) => <ConnectionStatus connection={address.connection} />,
    },
    {
      id: 'last',
      label: t('address.last_mail'),
      width: '124px',
      hide: 'narrow',
      cell: (address) => <Time at={address.connection?.last_mail_at} />,
    },
    {
      id: 'lag',
      label: t('address.lag'),
      width: '92px',
      hide: 'medium',
      cell: (address) => {
        const lag = address.connection?.figures.lag_median_ms ?? 0
        return lag > 0 ? duration(lag, i18n.language) : '–'
      },
    },
    {
      id: 'details',
      label: t('table.actions'),
      width: '104px',
      hide: 'narrow',
      cell: (address) => <Details address={address} />,
    },
  ]
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={addresses}
      href={(address) => `/admin/email/addresses/${address.id}`}
    />
  )
}

function Details({ address }: { address: Address }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <Button
      size="small"
      aria-label={t('addresses.details_of', { address: address.email })}
      onClick={() => void navigate(`/admin/email/addresses/${address.id}`)}
    >
      {t('addresses.details')}
    </Button>
  )
}

/** The addresses grouped by brand, the default brand first. */
function byBrand(addresses: Address[], brands: Brand[]): { name: string; addresses: Address[] }[] {
  const order = [...brands].sort((a, b) => Number(b.default) - Number(a.default) || a.name.localeCompare(b.name))
  const known = new Set(order.map((brand) => brand.id))
  const groups = order.map((brand) => ({
    name: brand.name,
    addresses: addresses.filter((address) => address.brand_id === brand.id),
  }))
  const rest = addresses.filter((address) => !known.has(address.brand_id))
  return [...groups, { name: '–', addresses: rest }].filter((group) => group.addresses.length > 0)
}
