Alias: $sct = http://snomed.info/sct
Alias: $loinc = http://loinc.org
Alias: $ucum = http://unitsofmeasure.org
Alias: $cpt = http://www.ama-assn.org/go/cpt
Alias: $hcpcs = http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets
Alias: $icd10pcs = http://www.cms.gov/Medicare/Coding/ICD10
Alias: $icd10cm = http://hl7.org/fhir/sid/icd-10-cm
Alias: $rxnorm = http://www.nlm.nih.gov/research/umls/rxnorm
Alias: $ndc = http://hl7.org/fhir/sid/ndc
Alias: $route = http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration
Alias: $v2-0162 = http://terminology.hl7.org/CodeSystem/v2-0162
Alias: $override = http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes
Alias: $uscore-careplan = http://hl7.org/fhir/us/core/CodeSystem/careplan-category
Alias: $pump-observation = https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation
Alias: $visit = https://example.org/itb-pump-cds/fhir/CodeSystem/itb-visit
Alias: $topic = https://example.org/itb-pump-cds/fhir/CodeSystem/itb-card-topic
Alias: $local-override = https://example.org/itb-pump-cds/fhir/CodeSystem/itb-override-reason
Alias: $data-element = https://example.org/itb-pump-cds/fhir/CodeSystem/itb-dsi-data-element

RuleSet: Published
* ^experimental = true
* ^date = "2026-11-22"
* ^publisher = "ITB Pump CDS maintainers"
