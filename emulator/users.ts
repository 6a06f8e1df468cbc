import { randomBytes, randomUUID } from 'node:crypto'

/** The last three are Software Trust's. */
export type Operation = 'issue' | 'list' | 'access' | 'me' | 'keypairs' | 'certificates' | 'sign'

export interface Application {
  id: string
  name: string
  permissions: string[]
}

export interface Account {
  id: string
  name: string
  active: boolean
  service_period: { from: string; to: string }
  friendly_identifier: string
  locale: string
}

/** A service user. Fields may be changed while the emulator runs. */
export interface ServiceUser {
  id: string
  apiKey: string
  friendlyName: string
  email: string
  description: string
  status: 'ACTIVE' | 'INACTIVE'
  userType: string
  createdAt: Date
  /** when the user stops working; its certificates cannot outlive it. null = open-ended */
  endDate: Date | null
  applications: Application[]
  accounts: Account[]
  /** what this user may not do: gets 403 `access_denied` */
  denied: Operation[]
}

export type UserOptions = Partial<ServiceUser> & {
  /** instead of `applications`: these permissions, in Software Trust */
  permissions?: readonly string[]
}

export function createUser({ permissions, ...fields }: UserOptions = {}): ServiceUser {
  return {
    id: randomUUID(),
    apiKey: randomApiKey(),
    friendlyName: 'Example service user',
    email: 'jane@example.com',
    description: '',
    status: 'ACTIVE',
    userType: 'service',
    createdAt: new Date('2021-06-23T08:55:19Z'),
    endDate: null,
    applications: permissions === undefined ? tutorialApplications() : softwareTrust(permissions),
    accounts: [tutorialAccount()],
    denied: [],
    ...fields,
  }
}

/** The prefix tells secret scanners, and people who find one in a log, that it gives no access. */
function randomApiKey(): string {
  return `emulator_${randomBytes(16).toString('hex')}`
}

export function primaryAccountId(user: ServiceUser): string {
  return user.accounts[0]?.id ?? ''
}

function softwareTrust(permissions: readonly string[]): Application[] {
  return [
    { id: '7660bdb3-66e7-46e6-928f-dcae4d64ee91', name: 'Software Trust', permissions: [...permissions] },
  ]
}

function tutorialAccount(): Account {
  return {
    id: '4b13f12d-c8b2-4c49-a21f-9b399364f2ce',
    name: 'Example account',
    active: true,
    service_period: { from: '2021-05-06', to: '2030-05-06' },
    friendly_identifier: '1234567',
    locale: 'en_US',
  }
}

/** The applications and permissions in the tutorial's example response. */
function tutorialApplications(): Application[] {
  return [
    {
      id: '2d3a72fd-ad44-4a9b-952a-2bcadb14a741',
      name: 'Trust Lifecycle',
      permissions: ['VIEW_EM_SEAT', 'VIEW_EM_AUDIT_LOG', 'VIEW_EM_CERTIFICATE', 'VIEW_EM_PROFILE'],
    },
    {
      id: '1a05282a-ec70-4da9-b921-933c070fcf80',
      name: 'IoT Trust',
      permissions: ['VIEW_IOT_CERTIFICATE', 'VIEW_IOT_ENROLLMENT_PROFILE'],
    },
    {
      id: '97b97f1b-8d1d-4203-a62c-0a209a1bea0a',
      name: 'Document Trust',
      permissions: [
        'MANAGE_DSM_VIEW_CERTIFICATE_PROFILES',
        'MANAGE_DSM_ADD_VALIDATIONS',
        'MANAGE_DSM_VIEW_CERTIFICATE_TEMPLATES',
        'MANAGE_DSM_VIEW_VALIDATIONS',
      ],
    },
    {
      id: '78c0355a-e1ca-4978-b60c-e9d66b9e1f30',
      name: 'Account Manager',
      permissions: ['MANAGE_AM_ACCOUNT', 'VIEW_AM_AUDIT_LOG'],
    },
    {
      id: 'fd2b688d-43bd-4b4a-9fd6-f883ad9e813d',
      name: 'CA Manager',
      permissions: ['VIEW_CM_LICENSE'],
    },
    ...softwareTrust(['MANAGE_SM_CERTIFICATE_PROFILE', 'VIEW_SM_CERTIFICATE', 'SIGN_SM_HASH']),
  ]
}
