/** A workflow run. Fields may be changed while the emulator runs. */
export interface WorkflowRun {
  id: number
  /** the latest one */
  attempt: number
  /** of the latest attempt; those before it are completed */
  status: 'completed' | 'in_progress' | 'pending' | 'queued' | 'requested' | 'waiting'
  /** null until it is completed */
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | null
  createdAt: Date
  updatedAt: Date
}

export type RunOptions = Partial<WorkflowRun>

/** The runs of all repositories. */
export class Runs {
  readonly #byPlace = new Map<string, WorkflowRun>()
  #lastId = 18_000_000_000

  /** With an existing id, this run replaces the other. */
  add(repository: string, now: Date, options: RunOptions = {}): WorkflowRun {
    this.#lastId += 1
    const status = options.status ?? 'in_progress'
    const run: WorkflowRun = {
      id: this.#lastId,
      attempt: 1,
      status,
      conclusion: status === 'completed' ? 'success' : null,
      createdAt: now,
      updatedAt: now,
      ...options,
    }
    this.#byPlace.set(place(repository, run.id), run)
    return run
  }

  find(repository: string, id: number): WorkflowRun | undefined {
    return this.#byPlace.get(place(repository, id))
  }

  clear(): void {
    this.#byPlace.clear()
  }
}

const place = (repository: string, id: number): string => `${repository.toLowerCase()} ${id}`
