import { lazy, type ComponentType } from 'react'
import { Navigate, Route, Routes } from 'react-router'
import { AdminOnly, Numbered, SignedIn } from './shell/guards'
import { NotFound } from './shell/NotFound'

/** A page that is loaded when somebody first goes there. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(() => load().then((module) => ({ default: module[name] })))
}

const SignIn = page(() => import('./session/SignIn'), 'SignIn')
const SetUp = page(() => import('./session/SetUp'), 'SetUp')
const Profile = page(() => import('./session/Profile'), 'Profile')
const TicketList = page(() => import('./desk/TicketList'), 'TicketList')
const TicketPage = page(() => import('./desk/TicketPage'), 'TicketPage')
const NewTicket = page(() => import('./desk/NewTicket'), 'NewTicket')
const Counted = page(() => import('./report/Counted'), 'Counted')
const Reports = page(() => import('./report/Reports'), 'Reports')
const SearchPage = page(() => import('./search/SearchPage'), 'SearchPage')
const Home = page(() => import('./email/Home'), 'Home')
const Addresses = page(() => import('./email/Addresses'), 'Addresses')
const ConnectWizard = page(() => import('./email/ConnectWizard'), 'ConnectWizard')
const AddressPage = page(() => import('./email/AddressPage'), 'AddressPage')
const PreflightPage = page(() => import('./email/PreflightPage'), 'PreflightPage')
const Ledger = page(() => import('./email/Ledger'), 'Ledger')
const MailPage = page(() => import('./email/MailPage'), 'MailPage')
const Suspended = page(() => import('./email/Suspended'), 'Suspended')
const MailRules = page(() => import('./email/MailRules'), 'MailRules')
const Jobs = page(() => import('./job/Jobs'), 'Jobs')
const directory = () => import('./directory/pages')
const People = page(directory, 'People')
const PersonPage = page(directory, 'PersonPage')
const ImportOrganizations = page(directory, 'ImportOrganizations')
const ImportPeople = page(directory, 'ImportPeople')
const DeletedPeople = page(directory, 'DeletedPeople')
const Organizations = page(directory, 'Organizations')
const OrganizationPage = page(directory, 'OrganizationPage')
const Teams = page(directory, 'Teams')
const TeamPage = page(directory, 'TeamPage')
const Brands = page(directory, 'Brands')
const Fields = page(directory, 'Fields')
const FieldPage = page(directory, 'FieldPage')
const Triggers = page(() => import('./desk/trigger/Triggers'), 'Triggers')
const TriggerPage = page(() => import('./desk/trigger/TriggerPage'), 'TriggerPage')
const TriggerBench = page(() => import('./desk/trigger/TriggerBench'), 'TriggerBench')
const Views = page(() => import('./desk/view/Views'), 'Views')
const ViewPage = page(() => import('./desk/view/ViewPage'), 'ViewPage')
const Macros = page(() => import('./desk/macro/Macros'), 'Macros')
const MacroPage = page(() => import('./desk/macro/MacroPage'), 'MacroPage')
const AttachmentRules = page(() => import('./desk/AttachmentRules'), 'AttachmentRules')
const DeletedTickets = page(() => import('./desk/life/DeletedTickets'), 'DeletedTickets')
const TicketRules = page(() => import('./desk/life/TicketRules'), 'TicketRules')
const Tokens = page(() => import('./access/Tokens'), 'Tokens')
const Tenants = page(() => import('./tenant/Tenants'), 'Tenants')
const TenantPage = page(() => import('./tenant/TenantPage'), 'TenantPage')
const Audit = page(() => import('./access/Audit'), 'Audit')

/** Every address of the application. */
export function AllRoutes() {
  return (
    <Routes>
      <Route path="/signin" element={<SignIn />} />
      <Route path="/setup/:token" element={<SetUp />} />
      <Route element={<SignedIn />}>
        <Route element={<Numbered />}>
          <Route index element={<Navigate to="/tickets" replace />} />
          <Route path="/tickets" element={<TicketList />} />
          <Route path="/tickets/new" element={<NewTicket />} />
          <Route path="/tickets/deleted" element={<DeletedTickets />} />
          <Route path="/tickets/:id" element={<TicketPage />} />
          <Route path="/reports" element={<Reports />} />
          <Route path="/reports/tickets" element={<Counted />} />
          <Route path="/search" element={<SearchPage />} />
          <Route path="/suspended" element={<Suspended />} />
          <Route path="/views/:id" element={<ViewPage />} />
          <Route path="/macros" element={<Macros />} />
          <Route path="/macros/:id" element={<MacroPage />} />
          <Route path="/people/:id" element={<PersonPage />} />
          <Route path="/organizations/:id" element={<OrganizationPage />} />
          <Route path="/profile" element={<Profile />} />
          <Route path="/admin" element={<AdminOnly />}>
            <Route index element={<Home />} />
            <Route path="email" element={<Addresses />} />
            <Route path="email/new" element={<ConnectWizard />} />
            <Route path="email/addresses/:id" element={<AddressPage />} />
            <Route path="email/addresses/:id/preflight" element={<PreflightPage />} />
            <Route path="suspended" element={<Suspended />} />
            <Route path="rules" element={<MailRules />} />
            <Route path="mail" element={<Ledger />} />
            <Route path="mail/:id" element={<MailPage />} />
            <Route path="jobs" element={<Jobs />} />
            <Route path="people" element={<People />} />
            <Route path="people/deleted" element={<DeletedPeople />} />
            <Route path="people/import" element={<ImportPeople />} />
            <Route path="people/:id" element={<PersonPage />} />
            <Route path="organizations" element={<Organizations />} />
            <Route path="organizations/import" element={<ImportOrganizations />} />
            <Route path="organizations/:id" element={<OrganizationPage />} />
            <Route path="teams" element={<Teams />} />
            <Route path="teams/:id" element={<TeamPage />} />
            <Route path="brands" element={<Brands />} />
            <Route path="fields" element={<Fields />} />
            <Route path="fields/:owner" element={<Fields />} />
            <Route path="fields/:owner/:id" element={<FieldPage />} />
            <Route path="triggers" element={<Triggers />} />
            <Route path="triggers/test" element={<TriggerBench />} />
            <Route path="triggers/:id" element={<TriggerPage />} />
            <Route path="tickets" element={<TicketRules />} />
            <Route path="views" element={<Views />} />
            <Route path="views/:id" element={<ViewPage />} />
            <Route path="macros" element={<Macros />} />
            <Route path="macros/:id" element={<MacroPage />} />
            <Route path="attachments" element={<AttachmentRules />} />
            <Route path="tokens" element={<Tokens />} />
            <Route path="tenants" element={<Tenants />} />
            <Route path="tenants/:id" element={<TenantPage />} />
            <Route path="audit" element={<Audit />} />
          </Route>
        </Route>
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  )
}
