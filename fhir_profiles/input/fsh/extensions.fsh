Extension: ItbThreshold
Id: itb-threshold
Title: "Threshold"
Description: "A number a clinician may argue about: its value in force, the bounds within which a site may set it, the reason and the source."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition"
* ^context[1].type = #element
* ^context[1].expression = "CarePlan"
* extension contains
    name 1..1 and
    value 1..1 and
    unit 1..1 and
    minimum 1..1 and
    maximum 1..1 and
    rationale 1..1 and
    source 1..1 and
    shippedValue 0..1
* extension[name].value[x] only string
* extension[name].value[x] 1..1
* extension[value].value[x] only decimal
* extension[value].value[x] 1..1
* extension[unit].value[x] only string
* extension[unit].value[x] 1..1
* extension[minimum].value[x] only decimal
* extension[minimum].value[x] 1..1
* extension[maximum].value[x] only decimal
* extension[maximum].value[x] 1..1
* extension[rationale].value[x] only string
* extension[rationale].value[x] 1..1
* extension[source].value[x] only string
* extension[source].value[x] 1..1
* extension[shippedValue] ^short = "The value the plan came with, where the site has set another"
* extension[shippedValue].value[x] only decimal
* extension[shippedValue].value[x] 1..1
* obeys itb-threshold-1

Invariant: itb-threshold-1
Description: "The value lies within its bounds."
Severity: #error
Expression: "extension('value').value.first() >= extension('minimum').value.first() and extension('value').value.first() <= extension('maximum').value.first()"

Extension: ItbOffsetThreshold
Id: itb-offset-threshold
Title: "Offset by a threshold"
Description: "The threshold, of this plan or another, that sets the end of an offset: in days, a week being seven, and so many days more."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "Quantity"
* extension contains
    name 1..1 and
    plus 0..1
* extension[name].value[x] only string
* extension[name].value[x] 1..1
* extension[plus].value[x] only integer
* extension[plus].value[x] 1..1

Extension: ItbDueFact
Id: itb-due-fact
Title: "Due fact"
Description: "On a suggested activity the fact that holds the date by which it is to be done; on an action with a condition the fact that holds the date by which to act on it, where that is another."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition.action"
* value[x] only string
* value[x] 1..1

Extension: ItbGoalFact
Id: itb-goal-fact
Title: "Goal fact"
Description: "The fact that says where the patient stands against the target of a goal, and the data it is read from, as prefetch keys."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition.goal.target"
* extension contains
    fact 1..1 and
    source 1..*
* extension[fact].value[x] only string
* extension[fact].value[x] 1..1
* extension[source].value[x] only string
* extension[source].value[x] 1..1

Extension: ItbLeastPriority
Id: itb-least-priority
Title: "Least priority"
Description: "On this trigger, actions of a lower priority are decided as ever and not shown."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition.action.trigger"
* value[x] only code
* value[x] 1..1

Extension: ItbRestriction
Id: itb-restriction
Title: "Restriction"
Description: "The activity is something not to do until a clinician gives the all clear."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition.action"
* value[x] only boolean
* value[x] 1..1

Extension: ItbDsiFundingSource
Id: itb-dsi-funding-source
Title: "Funding source"
Description: "Who paid for the technical implementation of the plan: source attribute 3 of 45 CFR 170.315(b)(11)(iv)(A)."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition"
* value[x] only string
* value[x] 1..1

Extension: ItbDsiDataUse
Id: itb-dsi-data-use
Title: "Data use"
Description: "Whether the plan uses a kind of patient data, and how: source attributes 5 to 13 of 45 CFR 170.315(b)(11)(iv)(A)."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "PlanDefinition"
* extension contains
    element 1..1 and
    used 1..1 and
    note 0..1
* extension[element].value[x] only code
* extension[element].value[x] 1..1
* extension[element].value[x] from ItbDsiDataElements (required)
* extension[used].value[x] only boolean
* extension[used].value[x] 1..1
* extension[note].value[x] only string
* extension[note].value[x] 1..1
* obeys itb-dsi-1

Invariant: itb-dsi-1
Description: "Where data are used, a note says how."
Severity: #error
Expression: "extension('used').value.first() = false or extension('note').exists()"

Extension: ItbFactEvidence
Id: itb-fact-evidence
Title: "Fact and its evidence"
Description: "A fact that a recommendation rests on: its value, and the records it was read from."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "RequestGroup.action"
* extension contains
    fact 1..1 and
    value 0..1 and
    unit 0..1 and
    unknownBecause 0..1 and
    record 0..*
* extension[fact].value[x] only string
* extension[fact].value[x] 1..1
* extension[value].value[x] only boolean or integer or decimal or string or date
* extension[value].value[x] 1..1
* extension[unit].value[x] only string
* extension[unit].value[x] 1..1
* extension[unknownBecause].value[x] only string
* extension[unknownBecause].value[x] 1..1
* extension[record].value[x] only Reference
* extension[record].value[x] 1..1
* obeys itb-evidence-1

Invariant: itb-evidence-1
Description: "A fact has a value or a reason why it is unknown, and not both."
Severity: #error
Expression: "extension('value').exists() xor extension('unknownBecause').exists()"

Extension: ItbFactUnit
Id: itb-fact-unit
Title: "Unit of a fact"
Description: "The unit in which a fact is given."
* insert Published
* ^context[0].type = #element
* ^context[0].expression = "ParameterDefinition"
* value[x] only string
* value[x] 1..1
