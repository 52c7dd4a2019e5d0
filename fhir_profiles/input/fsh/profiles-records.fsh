Profile: ItbRefill
Parent: MedicationAdministration
Id: itb-refill
Title: "Refill of an intrathecal baclofen pump"
Description: "One filling of the reservoir: drug, strength, volume or mass, and the daily dose programmed."
* insert Published
* obeys itb-refill-1 and itb-refill-2
* status MS
* medication[x] MS
* subject 1..1 MS
* subject only Reference(Patient)
* effective[x] 1..1 MS
* dosage 1..1 MS
* dosage.route 1..1 MS
* dosage.route from IntrathecalRoutes (extensible)
* dosage.dose MS
* dosage.dose ^short = "Volume filled in mL, or mass of baclofen"
* dosage.rate[x] MS
* dosage.rate[x] ^short = "Daily dose programmed"

Invariant: itb-refill-1
Description: "What was filled is a positive volume in mL, or a positive mass in mg or ug, in UCUM."
Severity: #error
Expression: "dosage.dose.exists() implies (dosage.dose.value > 0 and dosage.dose.system = 'http://unitsofmeasure.org' and (dosage.dose.code = 'mL' or dosage.dose.code = 'mg' or dosage.dose.code = 'ug'))"

Invariant: itb-refill-2
Description: "A daily dose is given in ug/d or mg/d, in UCUM, and is not above 2500 ug/d."
Severity: #error
Expression: "(dosage.rate.ofType(Quantity)).exists() implies ((dosage.rate.ofType(Quantity).code = 'ug/d' and dosage.rate.ofType(Quantity).value > 0 and dosage.rate.ofType(Quantity).value <= 2500) or (dosage.rate.ofType(Quantity).code = 'mg/d' and dosage.rate.ofType(Quantity).value > 0 and dosage.rate.ofType(Quantity).value <= 2.5))"

Profile: ItbPumpReading
Parent: Observation
Id: itb-pump-reading
Title: "Reading of the pump, or sign at the patient"
Description: "What a pump printout, a refill sheet or a wound sheet says. No Observation means not assessed; false means asked and absent."
* insert Published
* obeys itb-reading-volume and itb-reading-concentration and itb-reading-dose and itb-reading-months and itb-reading-date and itb-reading-alarm and itb-reading-sign
* status MS
* code 1..1 MS
* code from ItbPumpObservations (required)
* subject 1..1 MS
* subject only Reference(Patient)
* effective[x] 1..1 MS
* effective[x] only dateTime
* value[x] 1..1 MS
* bodySite MS
* device MS

Invariant: itb-reading-volume
Description: "A volume is given in mL, in UCUM."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and (code = 'reservoir-capacity' or code = 'reservoir-fill-volume' or code = 'residual-volume-aspirated' or code = 'residual-volume-expected' or code = 'low-reservoir-alarm-volume')).exists() implies (value.ofType(Quantity).code = 'mL' and value.ofType(Quantity).system = 'http://unitsofmeasure.org' and value.ofType(Quantity).value >= 0)"

Invariant: itb-reading-concentration
Description: "A concentration is given in ug/mL, in UCUM, from 50 to 2000."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and code = 'drug-concentration').exists() implies (value.ofType(Quantity).code = 'ug/mL' and value.ofType(Quantity).system = 'http://unitsofmeasure.org' and value.ofType(Quantity).value >= 50 and value.ofType(Quantity).value <= 2000)"

Invariant: itb-reading-dose
Description: "A daily dose is given in ug/d, in UCUM, above 0 and up to 2500."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and code = 'daily-dose').exists() implies (value.ofType(Quantity).code = 'ug/d' and value.ofType(Quantity).system = 'http://unitsofmeasure.org' and value.ofType(Quantity).value > 0 and value.ofType(Quantity).value <= 2500)"

Invariant: itb-reading-months
Description: "Months to ERI are given in mo, in UCUM."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and code = 'months-to-eri').exists() implies (value.ofType(Quantity).code = 'mo' and value.ofType(Quantity).system = 'http://unitsofmeasure.org' and value.ofType(Quantity).value >= 0)"

Invariant: itb-reading-date
Description: "A date the pump reports is a dateTime."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and (code = 'low-reservoir-alarm-date' or code = 'eri-date' or code = 'eos-date')).exists() implies value.ofType(dateTime).exists()"

Invariant: itb-reading-alarm
Description: "An alarm is named by a code of ItbPumpAlarms."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and code = 'pump-alarm').exists() implies value.ofType(CodeableConcept).coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and (code = 'low-reservoir' or code = 'eri' or code = 'eos' or code = 'empty-reservoir' or code = 'motor-stall' or code = 'stopped-pump' or code = 'memory-error')).exists()"

Invariant: itb-reading-sign
Description: "A sign is present or absent: a boolean."
Severity: #error
Expression: "code.coding.where(system = 'https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation' and (code.startsWith('incision-') or code.startsWith('positive-') or code.startsWith('severe-') or code = 'bridge-bolus-programmed' or code = 'skin-breakdown' or code = 'exposed-hardware' or code = 'wound-dehiscence' or code = 'itching' or code = 'sweating' or code = 'spasticity-increased' or code = 'dizziness' or code = 'nausea' or code = 'drowsiness' or code = 'muscle-weakness' or code = 'difficulty-standing' or code = 'fever' or code = 'neck-stiffness' or code = 'photophobia' or code = 'altered-mental-state' or code = 'breathing-difficulty' or code = 'loss-of-consciousness' or code = 'seizure')).exists() implies value.ofType(boolean).exists()"

Profile: ItbProcedure
Parent: Procedure
Id: itb-procedure
Title: "Operation on the pump system"
Description: "Implant, replacement, revision or removal of pump or catheter. Removal and insertion on one day are a replacement."
* insert Published
* obeys itb-procedure-1 and itb-procedure-2
* status MS
* code 1..1 MS
* code from ItbProcedures (extensible)
* subject 1..1 MS
* subject only Reference(Patient)
* performed[x] MS
* performed[x] only dateTime or Period

Invariant: itb-procedure-1
Description: "An operation that is completed or in progress says when."
Severity: #error
Expression: "(status = 'completed' or status = 'in-progress') implies performed.exists()"

Invariant: itb-procedure-2
Description: "The operation is named by a code or in words."
Severity: #error
Expression: "code.coding.exists() or code.text.exists()"

Profile: ItbVisitAppointment
Parent: Appointment
Id: itb-visit-appointment
Title: "Visit of the therapy"
Description: "A visit booked, kept or missed. Proposed and pending visits are named as requested and silence nothing."
* insert Published
* obeys itb-visit-1 and itb-visit-2
* status MS
* serviceType 1..* MS
* serviceType from ItbVisits (extensible)
* start MS
* end MS
* participant MS
* participant.actor MS

Invariant: itb-visit-1
Description: "The patient is a participant."
Severity: #error
Expression: "participant.actor.reference.where(contains('Patient/')).exists()"

Invariant: itb-visit-2
Description: "A visit that is booked or kept says when it starts."
Severity: #error
Expression: "(status = 'booked' or status = 'arrived' or status = 'checked-in' or status = 'fulfilled') implies start.exists()"
