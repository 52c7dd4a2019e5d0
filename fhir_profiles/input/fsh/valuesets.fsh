ValueSet: ItbPumpDevices
Id: itb-pump-devices
Title: "Implanted intrathecal drug pumps"
Description: "Codes under which an implanted intrathecal pump is recorded. No code is specific to baclofen."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one."
* $sct#360041000 "Implanted drug delivery system"
* $hcpcs#E0783 "Infusion pump system, implantable, programmable (includes all components, e.g., pump, catheter, connectors, etc.)"
* $hcpcs#E0786 "Implantable programmable infusion pump, replacement (excludes implantable intraspinal catheter)"
* $hcpcs#C1772 "Infusion pump, programmable (implantable)"

ValueSet: ItbCatheterDevices
Id: itb-catheter-devices
Title: "Intrathecal catheters"
Description: "Codes under which an implanted intrathecal catheter is recorded; no SNOMED CT code was verified."
* insert Published
* $hcpcs#E0785 "Implantable intraspinal (epidural/intrathecal) catheter used with implantable infusion pump, replacement"
* $hcpcs#C1755 "Catheter, intraspinal"

ValueSet: IntrathecalRoutes
Id: intrathecal-routes
Title: "Intrathecal routes"
Description: "Routes that mean the intrathecal space."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one."
* $sct#72607000 "Intrathecal route"
* $route#IT "Infusion, intrathecal"
* $route#ITINJ "Injection, intrathecal"
* $v2-0162#IT "Intrathecal"

ValueSet: IntrathecalBaclofen
Id: intrathecal-baclofen
Title: "Intrathecal baclofen"
Description: "Products of baclofen for the intrathecal route, as far as their codes were verified. Oral baclofen is not among them."
* insert Published
* $rxnorm#1047437
* $rxnorm#308517
* $rxnorm#1666613
* $hcpcs#J0475 "Injection, baclofen, 10 mg"
* $hcpcs#J0476 "Injection, baclofen, 50 mcg for intrathecal trial"
* $ndc#70121-2496-05 "Lioresal 50 mcg/mL 1 mL"
* $ndc#70121-2501-01 "Lioresal 10 mg/20 mL (500 mcg/mL)"
* $ndc#70121-2502-02 "Lioresal 10 mg/5 mL (2000 mcg/mL)"
* $ndc#70121-2503-01 "Lioresal 40 mg/20 mL (2000 mcg/mL)"
* $ndc#70121-2505-02 "Lioresal 40 mg/20 mL x2 (2000 mcg/mL)"
* $ndc#66794-151-01 "Gablofen 50 ug/mL 1 mL syringe"
* $ndc#66794-157-01 "Gablofen 2000 ug/mL 20 mL syringe"
* $ndc#66794-157-02 "Gablofen 2000 ug/mL 20 mL vial"
* $ndc#25021-679-20 "baclofen 2000 ug/mL 20 mL vial (Sagent)"
* $ndc#70511-121-80 "baclofen 50 ug/mL syringe (MAIA)"
* $ndc#72888-146-36 "baclofen 1000 ug/mL 20 mL vial (Advagen)"

ValueSet: ItbProcedures
Id: itb-procedures
Title: "Operations on an intrathecal pump system"
Description: "Implant, replacement, revision and removal of pump or catheter. Most codes are not specific to baclofen: the drug tells."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one. CPT codes are copyright of the American Medical Association; their descriptions are left out."
* $cpt#62350
* $cpt#62360
* $cpt#62362
* $hcpcs#E0783 "Infusion pump system, implantable, programmable (includes all components, e.g., pump, catheter, connectors, etc.)"
* $hcpcs#E0786 "Implantable programmable infusion pump, replacement (excludes implantable intraspinal catheter)"
* $hcpcs#C1772 "Infusion pump, programmable (implantable)"
* $icd10pcs#0JH80VZ "Insertion of Infusion Pump into Abdomen Subcutaneous Tissue and Fascia, Open Approach"
* $icd10pcs#0JH83VZ "Insertion of Infusion Pump into Abdomen Subcutaneous Tissue and Fascia, Percutaneous Approach"
* $icd10pcs#0JH70VZ "Insertion of Infusion Pump into Back Subcutaneous Tissue and Fascia, Open Approach"
* $icd10pcs#0JHT0VZ "Insertion of Infusion Pump into Trunk Subcutaneous Tissue and Fascia, Open Approach"
* $icd10pcs#0JPT0VZ "Removal of Infusion Pump from Trunk Subcutaneous Tissue and Fascia, Open Approach"
* $icd10pcs#0JWT0VZ "Revision of Infusion Pump in Trunk Subcutaneous Tissue and Fascia, Open Approach"
* $icd10pcs#00HU03Z "Insertion of Infusion Device into Spinal Canal, Open Approach"
* $icd10pcs#00HU33Z "Insertion of Infusion Device into Spinal Canal, Percutaneous Approach"
* $icd10pcs#00PU33Z "Removal of Infusion Device from Spinal Canal, Percutaneous Approach"
* $icd10pcs#00PU03Z "Removal of Infusion Device from Spinal Canal, Open Approach"
* $icd10pcs#00WU03Z "Revision of Infusion Device in Spinal Canal, Open Approach"
* $icd10pcs#00WU33Z "Revision of Infusion Device in Spinal Canal, Percutaneous Approach"

ValueSet: ItbRefillProcedures
Id: itb-refill-procedures
Title: "Refills recorded as procedures"
Description: "Refilling of an implanted pump for spinal drug delivery."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one. CPT codes are copyright of the American Medical Association; their descriptions are left out."
* $cpt#62370
* $cpt#95990
* $hcpcs#A4220 "Refill kit for implantable infusion pump"

ValueSet: ItbIndications
Id: itb-indications
Title: "Conditions that intrathecal baclofen is used for"
Description: "Severe spasticity and the conditions that cause it."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one."
* $sct#221360009 "Spasticity"
* $sct#24700007 "Multiple sclerosis"
* $sct#426373005 "Relapsing remitting multiple sclerosis"
* $sct#425500002 "Secondary progressive multiple sclerosis"
* $sct#90584004 "Spinal cord injury"
* $sct#128188000 "Cerebral palsy"
* $sct#230773005 "Spastic cerebral palsy"
* $sct#127295002 "Traumatic brain injury"
* $sct#230690007 "Cerebrovascular accident"
* $sct#422504002 "Ischemic stroke"
* $sct#698754002 "Chronic paralysis due to lesion of spinal cord"
* $sct#312444006 "Spastic paraparesis"
* $icd10cm#G80.0 "Spastic quadriplegic cerebral palsy"
* $icd10cm#G80.1 "Spastic diplegic cerebral palsy"
* $icd10cm#G80.2 "Spastic hemiplegic cerebral palsy"
* $icd10cm#G80.9 "Cerebral palsy, unspecified"
* $icd10cm#G35.A "Relapsing-remitting multiple sclerosis"
* $icd10cm#G35.B0 "Primary progressive multiple sclerosis, unspecified"
* $icd10cm#G35.C0 "Secondary progressive multiple sclerosis, unspecified"
* $icd10cm#G35.D "Multiple sclerosis, unspecified"
* $icd10cm#G81.10 "Spastic hemiplegia affecting unspecified side"
* $icd10cm#G82.20 "Paraplegia, unspecified"
* $icd10cm#G82.50 "Quadriplegia, unspecified"
* $icd10cm#G11.4 "Hereditary spastic paraplegia"
* $icd10cm#I69.359 "Hemiplegia and hemiparesis following cerebral infarction affecting unspecified side"
* $icd10cm#S14.109S "Unspecified injury at unspecified level of cervical spinal cord, sequela"
* $icd10cm#S24.109S "Unspecified injury at unspecified level of thoracic spinal cord, sequela"
* $icd10cm#S34.109S "Unspecified injury to unspecified level of lumbar spinal cord, sequela"
* $icd10cm#S06.9X9S "Unspecified intracranial injury with loss of consciousness of unspecified duration, sequela"

ValueSet: ItbSymptoms
Id: itb-symptoms
Title: "Signs and symptoms the service reads"
Description: "Local codes, and the SNOMED CT codes read as the same fact."
* insert Published
* ^copyright = "SNOMED CT codes are used by permission of SNOMED International; a site needs a licence where its country asks for one."
* $pump-observation#incision-discoloration
* $pump-observation#incision-swelling
* $pump-observation#incision-drainage
* $pump-observation#incision-pain
* $pump-observation#skin-breakdown
* $pump-observation#exposed-hardware
* $pump-observation#wound-dehiscence
* $pump-observation#itching
* $pump-observation#sweating
* $pump-observation#spasticity-increased
* $pump-observation#dizziness
* $pump-observation#nausea
* $pump-observation#severe-discomfort
* $pump-observation#drowsiness
* $pump-observation#muscle-weakness
* $pump-observation#difficulty-standing
* $pump-observation#fever
* $pump-observation#neck-stiffness
* $pump-observation#photophobia
* $pump-observation#severe-headache
* $pump-observation#altered-mental-state
* $pump-observation#positive-wound-culture
* $pump-observation#positive-csf-culture
* $pump-observation#breathing-difficulty
* $pump-observation#loss-of-consciousness
* $pump-observation#seizure
* $sct#247441003 "Erythema"
* $sct#65124004 "Swelling"
* $sct#428786006 "Localized superficial swelling of skin"
* $sct#298012000 "Wound pain"
* $sct#213299007 "Postoperative pain"
* $sct#225553008 "Wound dehiscence"
* $sct#46742003 "Skin ulcer"
* $sct#418290006 "Itching"
* $sct#418363000 "Itching of skin"
* $sct#279333002 "Pruritus of skin"
* $sct#276444007 "Generalized pruritus"
* $sct#415690000 "Sweating"
* $sct#55300003 "Cramp"
* $sct#404640003 "Dizziness"
* $sct#271789005 "Dizziness and giddiness"
* $sct#422587007 "Nausea"
* $sct#22253000 "Pain"
* $sct#271782001 "Drowsy"
* $sct#26544005 "Muscle weakness"
* $sct#713514005 "Muscle weakness of limb"
* $sct#13791008 "Asthenia"
* $sct#398152000 "Poor muscle tone"
* $sct#398151007 "Decreased muscle tone"
* $sct#267036007 "Dyspnea"
* $sct#409623005 "Respiratory insufficiency"
* $sct#65710008 "Acute respiratory failure"
* $sct#418107008 "Unconscious"
* $sct#91175000 "Seizure"
* $sct#313307000 "Epileptic seizure"
* $sct#386661006 "Fever"
* $sct#386689009 "Hypothermia"
* $sct#45007003 "Low blood pressure"

ValueSet: ItbPumpObservations
Id: itb-pump-observations
Title: "Codes of pump readings and signs"
Description: "All local observation codes."
* insert Published
* include codes from system ItbPumpObservation

ValueSet: ItbVisits
Id: itb-visits
Title: "Visits of the therapy"
Description: "All kinds of visit."
* insert Published
* include codes from system ItbVisit

ValueSet: ItbCardTopics
Id: itb-card-topics
Title: "Topics of cards"
Description: "All topics."
* insert Published
* include codes from system ItbCardTopic

ValueSet: ItbDsiDataElements
Id: itb-dsi-data-elements
Title: "Kinds of data whose use is stated"
Description: "Source attributes 5 to 13."
* insert Published
* include codes from system ItbDsiDataElement

ValueSet: ItbPumpAlarms
Id: itb-pump-alarms
Title: "Pump alarms"
Description: "What the value of a pump alarm may be."
* insert Published
* $pump-observation#low-reservoir
* $pump-observation#eri
* $pump-observation#eos
* $pump-observation#empty-reservoir
* $pump-observation#motor-stall
* $pump-observation#stopped-pump
* $pump-observation#memory-error

ValueSet: ItbOverrideReasons
Id: itb-override-reasons
Title: "Reasons to set a card aside"
Description: "Local reasons and those of HL7 that are offered."
* insert Published
* include codes from system ItbOverrideReason
* $override#cds-not-applicable
* $override#inappropriate-recipient
* $override#wrong-time-workflow
* $override#need-more-info
* $override#action-completed
* $override#action-not-priority
* $override#expert-contradicts
* $override#patient-contraindication
* $override#patient-refuses
