RuleSet: OperationIn(name, min, max, type)
* parameter[+].name = #{name}
* parameter[=].use = #in
* parameter[=].min = {min}
* parameter[=].max = "{max}"
* parameter[=].type = #{type}

Instance: itb-plan-apply
InstanceOf: OperationDefinition
Usage: #definition
Title: "Apply a plan to the data sent along"
* url = "https://example.org/itb-pump-cds/fhir/OperationDefinition/itb-plan-apply"
* version = "0.1.0"
* name = "ItbPlanApply"
* title = "Apply a plan to the data sent along"
* status = #draft
* kind = #operation
* experimental = true
* date = "2026-11-22"
* publisher = "ITB Pump CDS maintainers"
* description = "PlanDefinition/$apply of R4, for one patient, with the data as parameters. It reads no EHR and changes nothing; pump readings that were typed in at the site count, as for a hook. The answer is a draft CarePlan with its RequestGroup and requests contained: what the plan recommends, what it could not decide and why, and notes. For the same data, hook and proposals its actions are the hook's cards: the same summaries, details, urgencies, topics and suggested resources."
* affectsState = false
* code = #apply
* comment = "Hooks fold and withhold cards (their number, a user's snooze, audiences); this operation does not. A plan that the site has switched off gives no actions and a note that says so; a silent one is applied, and a note says that its cards are not shown."
* base = "http://hl7.org/fhir/OperationDefinition/PlanDefinition-apply"
* resource = #PlanDefinition
* system = false
* type = false
* instance = true
* insert OperationIn(subject, 1, 1, string)
* parameter[=].searchType = #reference
* parameter[=].documentation = "The patient: Patient/id."
* insert OperationIn(encounter, 0, 1, string)
* parameter[=].searchType = #reference
* parameter[=].documentation = "The encounter, named on what is proposed."
* insert OperationIn(practitioner, 0, 1, string)
* parameter[=].searchType = #reference
* parameter[=].documentation = "Who asks: author of the CarePlan, recipient of its messages."
* insert OperationIn(organization, 0, 1, string)
* parameter[=].searchType = #reference
* parameter[=].documentation = "Without effect."
* insert OperationIn(userType, 0, 1, CodeableConcept)
* parameter[=].documentation = "Without effect."
* insert OperationIn(userLanguage, 0, 1, CodeableConcept)
* parameter[=].documentation = "Without effect."
* insert OperationIn(userTaskContext, 0, 1, CodeableConcept)
* parameter[=].documentation = "Without effect."
* insert OperationIn(setting, 0, 1, CodeableConcept)
* parameter[=].documentation = "Without effect."
* insert OperationIn(settingContext, 0, 1, CodeableConcept)
* parameter[=].documentation = "Without effect."
* insert OperationIn(data, 0, 1, Bundle)
* parameter[=].documentation = "The record: a Bundle of one patient. Either this or prefetchData."
* parameter[+].name = #prefetchData
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "The record in parts, one for each prefetch key of the hooks. A key that is not sent counts as not read; one without data as read and empty."
* parameter[=].part[0].name = #key
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[=].part[+].name = #data
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Resource
* insert OperationIn(hook, 0, 1, code)
* parameter[=].documentation = "As whose answer the plan is applied: a hook, or worklist. Otherwise the hook that asks about what is proposed; without a proposal the first that the plan answers of patient-view, worklist, encounter-start, encounter-discharge, appointment-book, order-select, order-sign."
* insert OperationIn(draftOrders, 0, 1, Bundle)
* parameter[=].documentation = "Orders about to be given, as in the context of order-select and order-sign."
* insert OperationIn(selections, 0, *, string)
* parameter[=].documentation = "Type/id of the drafts just picked, as in the context of order-select."
* insert OperationIn(appointments, 0, 1, Bundle)
* parameter[=].documentation = "Visits about to be booked, as in the context of appointment-book."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #CarePlan
