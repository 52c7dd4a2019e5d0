Profile: ItbCarePlan
Parent: CarePlan
Id: itb-care-plan
Title: "Recovery plan after an operation on the pump system"
Description: "The dated activities of the recovery plan; restrictions carry doNotPerform and have no end."
* insert Published
* obeys itb-care-plan-1
* instantiatesCanonical 1..1 MS
* status MS
* intent MS
* category MS
* title 1..1 MS
* subject 1..1 MS
* subject only Reference(Patient)
* period 1..1 MS
* period.start 1..1 MS
* created MS
* activity 1..* MS
* activity.detail 1..1 MS
* activity.detail.code 1..1 MS
* activity.detail.status MS
* activity.detail.doNotPerform MS
* activity.detail.scheduled[x] 1..1 MS
* activity.detail.scheduled[x] only Period or Timing

Invariant: itb-care-plan-1
Description: "The plan it follows is the recovery plan, of whatever version."
Severity: #error
Expression: "instantiatesCanonical.where(startsWith('https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-recovery')).exists()"

Profile: ItbTask
Parent: Task
Id: itb-task
Title: "Task of the care coordinator"
Description: "Something to do for one patient, named by the topic of the advice it comes from."
* insert Published
* obeys itb-task-1
* status MS
* intent MS
* priority MS
* code 1..1 MS
* code from ItbCardTopics (extensible)
* description 1..1 MS
* for 1..1 MS
* for only Reference(Patient)
* restriction.period MS
* owner MS

Invariant: itb-task-1
Description: "A task that was set aside says why."
Severity: #error
Expression: "(status = 'rejected' or status = 'cancelled' or status = 'on-hold') implies statusReason.exists()"

Profile: ItbServiceRequest
Parent: ServiceRequest
Id: itb-service-request
Title: "Order that a card proposes"
Description: "What accepting a suggestion creates: a draft, a proposal, with the days within which it is to be done. It orders nothing by itself."
* insert Published
* instantiatesCanonical 1..1 MS
* status = #draft
* intent = #proposal
* priority 1..1 MS
* code 1..1 MS
* code from ItbVisits (extensible)
* subject 1..1 MS
* subject only Reference(Patient)
* occurrence[x] 1..1 MS
* occurrence[x] only Period
* occurrencePeriod.start 1..1
* occurrencePeriod.end 1..1
* authoredOn 1..1 MS
* doNotPerform 0..0
