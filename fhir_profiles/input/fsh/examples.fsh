Instance: example-pump
InstanceOf: ItbPump
Usage: #example
Title: "Pump"
* status = #active
* type = $sct#360041000 "Implanted drug delivery system"
* type.text = "Implanted intrathecal baclofen pump"
* modelNumber = "8637-20"
* serialNumber = "EXAMPLE-1"
* deviceName.name = "SynchroMed II"
* deviceName.type = #model-name
* patient = Reference(Patient/example)

Instance: example-catheter
InstanceOf: ItbCatheter
Usage: #example
Title: "Catheter"
* status = #active
* type = $hcpcs#E0785
* type.text = "Intrathecal catheter of the baclofen pump"
* patient = Reference(Patient/example)

Instance: example-refill
InstanceOf: ItbRefill
Usage: #example
Title: "Refill"
* contained[0] = example-baclofen-500
* status = #completed
* medicationReference = Reference(example-baclofen-500)
* subject = Reference(Patient/example)
* effectiveDateTime = "2026-01-05"
* dosage.route = $sct#72607000 "Intrathecal route"
* dosage.dose = 20 'mL'
* dosage.rateQuantity = 100 'ug/d'

Instance: example-baclofen-500
InstanceOf: Medication
Usage: #inline
* code.text = "Baclofen for the intrathecal route, 500 mcg/mL"
* ingredient.itemCodeableConcept.text = "Baclofen"
* ingredient.strength.numerator = 500 'ug'
* ingredient.strength.denominator = 1 'mL'

RuleSet: ReadingOfExample(code)
* status = #final
* code = $pump-observation#{code}
* subject = Reference(Patient/example)
* effectiveDateTime = "2026-01-05"

Instance: example-fill-volume
InstanceOf: ItbPumpReading
Usage: #example
Title: "Volume after the fill"
* insert ReadingOfExample(reservoir-fill-volume)
* valueQuantity = 20 'mL'

Instance: example-concentration
InstanceOf: ItbPumpReading
Usage: #example
Title: "Concentration"
* insert ReadingOfExample(drug-concentration)
* valueQuantity = 500 'ug/mL'

Instance: example-daily-dose
InstanceOf: ItbPumpReading
Usage: #example
Title: "Daily dose"
* insert ReadingOfExample(daily-dose)
* valueQuantity = 100 'ug/d'

Instance: example-months-to-eri
InstanceOf: ItbPumpReading
Usage: #example
Title: "Months to ERI"
* insert ReadingOfExample(months-to-eri)
* valueQuantity = 14 'mo'

Instance: example-alarm-date
InstanceOf: ItbPumpReading
Usage: #example
Title: "Low reservoir alarm date"
* insert ReadingOfExample(low-reservoir-alarm-date)
* valueDateTime = "2026-04-05"

Instance: example-alarm
InstanceOf: ItbPumpReading
Usage: #example
Title: "Pump alarm"
* insert ReadingOfExample(pump-alarm)
* valueCodeableConcept = $pump-observation#motor-stall "Motor stall"

Instance: example-sign
InstanceOf: ItbPumpReading
Usage: #example
Title: "Drainage, asked and absent"
* insert ReadingOfExample(incision-drainage)
* valueBoolean = false

Instance: example-implant
InstanceOf: ItbProcedure
Usage: #example
Title: "Implant"
* status = #completed
* code = $cpt#62362
* code.text = "Implant of a programmable intrathecal baclofen pump"
* subject = Reference(Patient/example)
* performedDateTime = "2026-01-05"

Instance: example-visit
InstanceOf: ItbVisitAppointment
Usage: #example
Title: "Refill visit"
* status = #booked
* serviceType = $visit#refill-visit "Refill visit"
* start = "2026-03-20T10:00:00Z"
* end = "2026-03-20T10:30:00Z"
* participant.actor = Reference(Patient/example)
* participant.status = #accepted

Instance: example-recovery-plan
InstanceOf: ItbCarePlan
Usage: #example
Title: "Recovery plan"
* instantiatesCanonical = "https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-recovery|0.1.0"
* status = #draft
* intent = #proposal
* title = "Recovery after surgery on an intrathecal baclofen pump"
* subject = Reference(Patient/example)
* period.start = "2026-01-05"
* period.end = "2026-03-02"
* created = "2026-01-06"
* activity.detail.code.text = "Wound check"
* activity.detail.status = #not-started
* activity.detail.doNotPerform = false
* activity.detail.scheduledPeriod.start = "2026-01-12"
* activity.detail.scheduledPeriod.end = "2026-01-19"
* activity.detail.description = "Both wounds are looked at."

Instance: example-task
InstanceOf: ItbTask
Usage: #example
Title: "Book a refill"
* status = #requested
* intent = #proposal
* priority = #urgent
* code = $topic#itbRefillDue "Refill due"
* description = "Book a refill visit before the low-reservoir alarm."
* for = Reference(Patient/example)
* restriction.period.end = "2026-03-29"

Instance: example-refill-visit
InstanceOf: ItbServiceRequest
Usage: #example
Title: "Refill visit proposed"
* instantiatesCanonical = "https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-refill|0.1.0"
* status = #draft
* intent = #proposal
* priority = #urgent
* code = $visit#refill-visit "Refill visit"
* subject = Reference(Patient/example)
* occurrencePeriod.start = "2026-03-01"
* occurrencePeriod.end = "2026-03-29"
* authoredOn = "2026-03-01T09:00:00+00:00"
