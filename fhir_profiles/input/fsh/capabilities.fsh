RuleSet: Artefact(type)
* rest.resource[+].type = #{type}
* rest.resource[=].interaction[0].code = #read
* rest.resource[=].interaction[+].code = #search-type
* rest.resource[=].versioning = #no-version
* rest.resource[=].searchParam[0].name = "_id"
* rest.resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/Resource-id"
* rest.resource[=].searchParam[=].type = #token

RuleSet: ArtefactParam(name, type, definition)
* rest.resource[=].searchParam[+].name = "{name}"
* rest.resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/{definition}"
* rest.resource[=].searchParam[=].type = #{type}

Instance: itb-pump-cds
InstanceOf: CapabilityStatement
Usage: #definition
Title: "What the service's FHIR API can do"
* url = "https://example.org/itb-pump-cds/fhir/CapabilityStatement/itb-pump-cds"
* version = "0.1.0"
* name = "ItbPumpCdsApi"
* title = "FHIR API of ITB Pump CDS"
* status = #draft
* experimental = true
* date = "2026-11-22"
* publisher = "ITB Pump CDS maintainers"
* description = "Reads and searches the service's artefacts and the coordinator's tasks and care plans, and applies its plans to the data sent along."
* kind = #capability
* software.name = "ITB Pump CDS"
* software.version = "0.1.0"
* fhirVersion = #4.0.1
* format[0] = #application/fhir+json
* format[+] = #json
* implementationGuide = "https://example.org/itb-pump-cds/fhir/ImplementationGuide/org.example.itb-pump-cds"
* rest.mode = #server
* rest.documentation = "Artefacts carry an ETag and answer If-None-Match with 304. Lists are paged by _count and _offset. Errors are OperationOutcomes."
* insert Artefact(PlanDefinition)
* insert ArtefactParam(url, uri, PlanDefinition-url)
* insert ArtefactParam(version, token, PlanDefinition-version)
* insert ArtefactParam(name, string, PlanDefinition-name)
* insert ArtefactParam(title, string, PlanDefinition-title)
* insert ArtefactParam(status, token, PlanDefinition-status)
* rest.resource[=].operation.name = "apply"
* rest.resource[=].operation.definition = "https://example.org/itb-pump-cds/fhir/OperationDefinition/itb-plan-apply"
* rest.resource[=].operation.documentation = "Instance level, GET and POST. subject is required. The data come as parameter data, a Bundle of one patient, or as parameters prefetchData with the parts key and data. hook, draftOrders, selections and appointments are those of CDS Hooks."
* insert Artefact(ActivityDefinition)
* insert ArtefactParam(url, uri, ActivityDefinition-url)
* insert ArtefactParam(version, token, ActivityDefinition-version)
* insert ArtefactParam(name, string, ActivityDefinition-name)
* insert ArtefactParam(title, string, ActivityDefinition-title)
* insert ArtefactParam(status, token, ActivityDefinition-status)
* insert Artefact(Library)
* insert ArtefactParam(url, uri, Library-url)
* insert ArtefactParam(version, token, Library-version)
* insert ArtefactParam(name, string, Library-name)
* insert ArtefactParam(title, string, Library-title)
* insert ArtefactParam(status, token, Library-status)
* insert Artefact(StructureDefinition)
* insert ArtefactParam(url, uri, conformance-url)
* insert ArtefactParam(version, token, conformance-version)
* insert ArtefactParam(name, string, conformance-name)
* insert ArtefactParam(title, string, conformance-title)
* insert ArtefactParam(status, token, conformance-status)
* insert Artefact(ValueSet)
* insert ArtefactParam(url, uri, conformance-url)
* insert ArtefactParam(version, token, conformance-version)
* insert ArtefactParam(name, string, conformance-name)
* insert ArtefactParam(title, string, conformance-title)
* insert ArtefactParam(status, token, conformance-status)
* insert Artefact(CodeSystem)
* insert ArtefactParam(url, uri, conformance-url)
* insert ArtefactParam(version, token, conformance-version)
* insert ArtefactParam(name, string, conformance-name)
* insert ArtefactParam(title, string, conformance-title)
* insert ArtefactParam(status, token, conformance-status)
* insert Artefact(OperationDefinition)
* insert ArtefactParam(url, uri, conformance-url)
* insert ArtefactParam(version, token, conformance-version)
* insert ArtefactParam(name, string, conformance-name)
* insert ArtefactParam(title, string, conformance-title)
* insert ArtefactParam(status, token, conformance-status)
* insert Artefact(Task)
* rest.resource[=].documentation = "The coordinator's tasks, of every patient: for callers that the site allows. Also by POST to _search."
* insert ReferenceParam(patient, Task-patient)
* insert ReferenceParam(subject, Task-subject)
* insert ReferenceParam(owner, Task-owner)
* insert ArtefactParam(status, token, Task-status)
* insert Artefact(CarePlan)
* rest.resource[=].documentation = "What the plans ask for a patient and the tasks it has led to, one CarePlan a patient; asked for by subject. For callers that the site allows."
* insert ReferenceParam(patient, clinical-patient)
* insert ReferenceParam(subject, CarePlan-subject)

RuleSet: ReferenceParam(name, definition)
* rest.resource[=].searchParam[+].name = "{name}"
* rest.resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/{definition}"
* rest.resource[=].searchParam[=].type = #reference

RuleSet: PatientQuery(type, definition)
* rest.resource[+].type = #{type}
* rest.resource[=].interaction.code = #search-type
* rest.resource[=].searchParam.name = "patient"
* rest.resource[=].searchParam.definition = "http://hl7.org/fhir/SearchParameter/{definition}"
* rest.resource[=].searchParam.type = #reference

Instance: itb-pump-cds-ehr
InstanceOf: CapabilityStatement
Usage: #definition
Title: "What the service asks of an EHR"
* url = "https://example.org/itb-pump-cds/fhir/CapabilityStatement/itb-pump-cds-ehr"
* version = "0.1.0"
* name = "ItbPumpCdsEhr"
* title = "What ITB Pump CDS asks of an EHR's FHIR server"
* status = #draft
* experimental = true
* date = "2026-11-22"
* publisher = "ITB Pump CDS maintainers"
* description = "The reads and searches behind the prefetch templates, all of plain FHIR R4. None of them writes."
* kind = #requirements
* fhirVersion = #4.0.1
* format[0] = #application/fhir+json
* rest.mode = #server
* rest.resource[0].type = #Patient
* rest.resource[0].interaction.code = #read
* insert PatientQuery(Device, Device-patient)
* insert PatientQuery(MedicationAdministration, clinical-patient)
* rest.resource[=].searchParam[+].name = "status"
* rest.resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/medications-status"
* rest.resource[=].searchParam[=].type = #token
* insert PatientQuery(Procedure, clinical-patient)
* insert PatientQuery(Observation, clinical-patient)
* rest.resource[=].searchParam[+].name = "date"
* rest.resource[=].searchParam[=].definition = "http://hl7.org/fhir/SearchParameter/clinical-date"
* rest.resource[=].searchParam[=].type = #date
* rest.resource[=].searchParam[=].documentation = "Sorted by it, newest first."
* insert PatientQuery(Condition, clinical-patient)
* insert PatientQuery(MedicationRequest, clinical-patient)
* insert PatientQuery(Appointment, Appointment-patient)
* insert PatientQuery(ServiceRequest, clinical-patient)
* insert PatientQuery(CarePlan, clinical-patient)
