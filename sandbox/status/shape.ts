// The shape of `juju status --format json`, as far as the sandbox fills it.

export interface ShownStatus {
  readonly current: string;
  readonly message?: string;
  readonly since?: string;
  readonly version?: string;
}

export interface UnitJson {
  readonly "workload-status": ShownStatus;
  readonly "juju-status": ShownStatus;
  readonly leader?: true;
  readonly machine: string;
  readonly "open-ports"?: readonly string[];
  readonly "public-address": string;
}

export interface RelatedJson {
  readonly "related-application": string;
  readonly interface: string;
  readonly scope: string;
}

export interface ApplicationJson {
  readonly charm: string;
  readonly "charm-origin": "local";
  readonly "charm-name": string;
  readonly "charm-rev": number;
  readonly base: { readonly name: string; readonly channel: string };
  readonly exposed: boolean;
  readonly life?: string;
  readonly "application-status": ShownStatus;
  readonly relations?: Readonly<Record<string, readonly RelatedJson[]>>;
  readonly units?: Readonly<Record<string, UnitJson>>;
  readonly version?: string;
}

export interface MachineJson {
  readonly "juju-status": ShownStatus;
  readonly hostname: string;
  readonly "dns-name": string;
  readonly "ip-addresses": readonly string[];
  readonly "instance-id": string;
  readonly "machine-status": ShownStatus;
  readonly base: { readonly name: string; readonly channel: string };
}

export interface OfferJson {
  readonly application: string;
  readonly charm: string;
  readonly "total-connected-count": number;
  readonly "active-connected-count": number;
  readonly endpoints: Readonly<Record<string, { readonly interface: string; readonly role: string }>>;
}

export interface SaasJson {
  readonly url: string;
  readonly endpoints: Readonly<Record<string, { readonly interface: string; readonly role: string }>>;
  readonly "application-status": ShownStatus;
  readonly relations?: Readonly<Record<string, readonly string[]>>;
}

export interface StatusJson {
  readonly model: {
    readonly name: string;
    readonly type: "iaas";
    readonly controller: string;
    readonly cloud: string;
    readonly region: string;
    readonly version: string;
    readonly "model-status": ShownStatus;
    readonly sla: string;
  };
  readonly machines: Readonly<Record<string, MachineJson>>;
  readonly applications: Readonly<Record<string, ApplicationJson>>;
  readonly "application-endpoints"?: Readonly<Record<string, SaasJson>>;
  readonly offers?: Readonly<Record<string, OfferJson>>;
  readonly controller: { readonly timestamp: string };
}
